"""Every sentence of a course that is ours, in each language; what the project says stays in its own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from course.steps import Language

PHRASES: Final[Mapping[str, Mapping[Language, str]]] = {
    "chapter": {"en": "Chapter {number}: {title}", "fr": "Chapitre {number} : {title}"},
    "tutorial": {"en": "Interactive Tutorial: {title}", "fr": "Tutoriel interactif : {title}"},
    "reading": {"en": "About {minutes} minutes.", "fr": "Environ {minutes} minutes."},
    "builds-on": {"en": "Builds on {chapters}.", "fr": "S'appuie sur {chapters}."},
    "ahead": {"en": "Explained later: {chapters}.", "fr": "Expliqué plus loin : {chapters}."},
    "first-steps": {"en": "First steps", "fr": "Premiers pas"},
    "first-example": {"en": "A first example", "fr": "Un premier exemple"},
    "in-tests": {"en": "A test uses it like this", "fr": "Un test s'en sert ainsi"},
    "in-examples": {"en": "An example of the project", "fr": "Un exemple du projet"},
    "goes-on": {"en": "It goes on:", "fr": "La suite :"},
    "also-used": {"en": "Also in {places}.", "fr": "Aussi dans {places}."},
    "happens": {"en": "What happens when it runs", "fr": "Ce qui se passe à l'exécution"},
    "inside": {"en": "Inside {name}", "fr": "À l'intérieur de {name}"},
    "ways-in": {"en": "The ways in", "fr": "Les entrées"},
    "ways-programs": {"en": "Programs that start here ({count}):", "fr": "Programmes qui démarrent ici ({count}) :"},
    "ways-commands": {"en": "Commands ({count}):", "fr": "Commandes ({count}) :"},
    "ways-routes": {"en": "Requests that are answered ({count}):", "fr": "Requêtes auxquelles on répond ({count}) :"},
    "ways-tasks": {
        "en": "What runs on a schedule, from a queue or on an event ({count}):",
        "fr": "Ce qui s'exécute à heure fixe, depuis une file ou sur un événement ({count}) :",
    },
    "way-label": {"en": "what comes in", "fr": "ce qui arrive"},
    "way-answer": {"en": "what answers", "fr": "ce qui répond"},
    "way-where": {"en": "where", "fr": "où"},
    "way-first": {"en": "under", "fr": "sous"},
    "way-chapter": {"en": "told in", "fr": "raconté dans"},
    "on-entry": {"en": "What happens on {name}", "fr": "Ce qui se passe sur {name}"},
    "caller": {"en": "a caller", "fr": "un appelant"},
    "pieces": {"en": "The pieces that matter", "fr": "Les pièces qui comptent"},
    "options": {"en": "What you can choose", "fr": "Ce que l'on peut choisir"},
    "option-head": {"en": "of {name}", "fr": "de {name}"},
    "option-says": {"en": "what its documentation says", "fr": "ce qu'en dit la documentation"},
    "kept": {"en": "How it is kept", "fr": "Comment c'est conservé"},
    "kept-step": {
        "en": "This step created it; later ones may have changed it.",
        "fr": "Cette étape l'a créé ; de plus récentes ont pu le changer.",
    },
    "wrong": {"en": "What goes wrong", "fr": "Ce qui peut échouer"},
    "raises-if": {"en": "raises {error} when {condition}", "fr": "lève {error} quand {condition}"},
    "raises": {"en": "raises {error}", "fr": "lève {error}"},
    "otherwise": {"en": "When it goes another way", "fr": "Quand cela tourne autrement"},
    "refused-in": {"en": "in", "fr": "dans"},
    "refused-when": {"en": "when", "fr": "quand"},
    "refused-then": {"en": "then", "fr": "alors"},
    "test-shows": {"en": "test:", "fr": "test :"},
    "check": {"en": "Check yourself", "fr": "Vérifiez vos acquis"},
    "answer": {"en": "Answer", "fr": "Réponse"},
    "gap": {"en": "Which name is missing?", "fr": "Quel nom manque ?"},
    "complete": {"en": "How does it go on?", "fr": "Comment cela continue-t-il ?"},
    "when": {"en": "What comes of {call} when {condition}?", "fr": "Que donne {call} quand {condition} ?"},
    "when-does": {
        "en": "When does {call} come to this: {outcome}?",
        "fr": "Quand {call} en vient-il à ceci : {outcome} ?",
    },
    "answers": {
        "en": "{name} comes in. Which definition answers?",
        "fr": "{name} arrive. Quelle définition répond ?",
    },
    "who": {"en": "Which name stands for this: {said}?", "fr": "Quel nom désigne ceci : {said} ?"},
    "without": {
        "en": "{call} is called without {name}. Which value does it take?",
        "fr": "{call} est appelé sans {name}. Quelle valeur prend-il ?",
    },
    "short": {"en": "In short.", "fr": "En bref."},
    "next": {"en": "Next:", "fr": "Ensuite :"},
    "practise": {"en": "Practise:", "fr": "Pratique :"},
    "map": {"en": "Map of this course", "fr": "Carte de ce cours"},
    "further": {"en": "Further on your own", "fr": "Pour aller plus loin"},
    "glossary": {"en": "Glossary", "fr": "Glossaire"},
    "left-out": {"en": "What this course leaves out", "fr": "Ce que ce cours laisse de côté"},
    "left-out-pages": {
        "en": "{count} of {total} pages of documentation: {names}",
        "fr": "{count} des {total} pages de documentation : {names}",
    },
    "left-out-names": {
        "en": "{count} of {total} public names, among them {names}",
        "fr": "{count} des {total} noms publics, dont {names}",
    },
    "size": {
        "en": (
            "{files} source files, {lines} lines ({languages}); {tests} test files; {pages} pages of documentation."
        ),
        "fr": (
            "{files} fichiers source, {lines} lignes ({languages}) ; {tests} fichiers de test ; "
            "{pages} pages de documentation."
        ),
    },
    "review": {"en": "Review", "fr": "Relecture"},
    "checked": {
        "en": "checked by program against the analysed commit",
        "fr": "vérifié par programme contre le commit analysé",
    },
    "mended": {"en": "Mended:", "fr": "Corrigé :"},
    "still-open": {"en": "Still open:", "fr": "Reste ouvert :"},
    "count": {"en": "count", "fr": "nombre"},
    "words-quoted": {"en": "words quoted from the project", "fr": "mots cités du projet"},
    "words-ours": {"en": "other words, from its code or ours", "fr": "autres mots, du code ou de nous"},
    "mended-count": {"en": "mended", "fr": "corrections"},
    "by-model": {
        "en": (
            "Written by a language model ({model}) from the cited lines, not by the project's authors; each sentence "
            "was read a second time against these lines."
        ),
        "fr": (
            "Rédigé par un modèle de langue ({model}) à partir des lignes citées, et non par les auteurs du projet ; "
            "chaque phrase a été relue avec ces lignes."
        ),
    },
    "by-model-summary": {
        "en": "Written by a language model ({model}) from the project's own lines, not by its authors.",
        "fr": "Rédigé par un modèle de langue ({model}) à partir des lignes du projet, et non par ses auteurs.",
    },
    "how-python": {
        "en": (
            "`check` imports from `starter` (`from starter import *`), ends with status 0 when the task is done and "
            "fails on the starting file; `solution` is the starting file with the task done."
        ),
        "fr": (
            "`check` importe depuis `starter` (`from starter import *`), se termine avec le statut 0 une fois la tâche "
            "accomplie et échoue sur le fichier de départ ; `solution` est le fichier de départ, tâche accomplie."
        ),
    },
    "how-other": {
        "en": (
            "`check` is a test for the language's own runner: it fails on the starting file and passes with "
            "`solution`, which is the starting file with the task done."
        ),
        "fr": (
            "`check` est un test pour l'outil du langage : il échoue sur le fichier de départ et passe avec "
            "`solution`, le fichier de départ, tâche accomplie."
        ),
    },
    "supported": {"en": "sentences that the lines support", "fr": "phrases que les lignes confirment"},
    "replaced": {"en": "sentences that were corrected", "fr": "phrases corrigées"},
    "dropped": {"en": "sentences that were left out", "fr": "phrases retirées"},
    "instead": {
        "en": "This chapter was written without the language model: {reason}.",
        "fr": "Ce chapitre a été rédigé sans le modèle de langue : {reason}.",
    },
    "citations": {"en": "citations", "fr": "références"},
    "excerpts": {"en": "excerpts", "fr": "extraits"},
    "quotations": {"en": "quotations", "fr": "citations"},
    "diagrams": {"en": "diagrams", "fr": "schémas"},
    "links": {"en": "links", "fr": "liens"},
    "headings": {"en": "headings", "fr": "titres"},
    "tutorial-of": {"en": "Belongs to [{chapter}]({link}).", "fr": "Accompagne [{chapter}]({link})."},
    "predict": {"en": "Predict", "fr": "Prédire"},
    "run": {"en": "Run", "fr": "Exécuter"},
    "change": {"en": "Change", "fr": "Modifier"},
    "break": {"en": "Break", "fr": "Casser"},
    "build": {"en": "Build", "fr": "Construire"},
    "solution": {"en": "Solution", "fr": "Solution"},
    "predict-lines": {
        "en": "Read it, and write down what the last line will find.",
        "fr": "Lisez-le et notez ce que la dernière ligne trouvera.",
    },
    "predict-read": {
        "en": "Read this first, and write down what it gives back.",
        "fr": "Lisez d'abord ceci et notez ce qu'il rend.",
    },
    "run-python": {
        "en": "Save it as `predict.py`, with {package} installed.",
        "fr": "Enregistrez-le sous `predict.py`, {package} étant installé.",
    },
    "run-own": {
        "en": "Not executed here. In a checkout, the project's own runner does it: {command}",
        "fr": "Non exécuté ici. Dans un clone, l'outil du projet s'en charge : {command}",
    },
    "not-run": {
        "en": "Nothing of it was executed when this was written.",
        "fr": "Rien n'en a été exécuté à la rédaction.",
    },
    "was-run": {
        "en": "The program, the check and the solution were run at this commit; the check fails on the starting file.",
        "fr": (
            "Le programme, la vérification et la solution ont été exécutés à ce commit ; la vérification échoue sur le "
            "fichier de départ."
        ),
    },
    "printed-here": {"en": "Run at this commit, it printed:", "fr": "Exécuté à ce commit, il a affiché :"},
    "expected": {"en": "The test expects {value}.", "fr": "Le test attend {value}."},
    "ran-example": {
        "en": "Run at this commit, after the examples before it on its page, it ends without an error.",
        "fr": "Exécuté à ce commit, après les exemples qui le précèdent sur sa page, il se termine sans erreur.",
    },
    "ran-session": {
        "en": "Run at this commit, every line printed what stands here.",
        "fr": "Exécutée à ce commit, chaque ligne a affiché ce qui est écrit.",
    },
    "change-value": {
        "en": "Change {value} to something else, first in your head. Which line notices?",
        "fr": "Remplacez {value} par autre chose, d'abord en pensée. Quelle ligne s'en aperçoit ?",
    },
    "change-answer": {"en": "This one: {line} ({cite}).", "fr": "Celle-ci : {line} ({cite})."},
    "run-yourself": {
        "en": "Put it into a file of your own, with what it needs around it, and run that.",
        "fr": "Placez-le dans un fichier à vous, avec ce qu'il lui faut autour, et exécutez-le.",
    },
    "read-page": {"en": "Now read {cite}, and compare.", "fr": "Lisez maintenant {cite} et comparez."},
    "own-question": {
        "en": "Which question about {name} would you ask whoever wrote it? Look for the answer in the sources.",
        "fr": "Quelle question sur {name} poseriez-vous à son auteur ? Cherchez la réponse dans les sources.",
    },
    "own-words": {
        "en": "Say what {name} is for in one sentence that has none of the quotation's nouns.",
        "fr": "Dites à quoi sert {name} en une phrase sans aucun nom de la citation.",
    },
    "own-case": {
        "en": "Think of a case of {name} that the chapter does not mention. Where would you look first?",
        "fr": "Imaginez un cas de {name} dont le chapitre ne parle pas. Où chercheriez-vous d'abord ?",
    },
    "explain": {
        "en": "Explain {name} in three sentences without looking, then compare with the chapter's beginning.",
        "fr": "Expliquez {name} en trois phrases sans regarder, puis comparez au début du chapitre.",
    },
    "change-line": {
        "en": "Write {line} with other arguments, first in your head. What does it do then?",
        "fr": "Écrivez {line} avec d'autres arguments, d'abord en pensée. Que fait-il alors ?",
    },
    "predict-command": {
        "en": "Read the command, and write down what it will print.",
        "fr": "Lisez la commande et notez ce qu'elle affichera.",
    },
    "run-shell": {
        "en": "Type it into a shell. It was not executed here; the answer is the documentation's.",
        "fr": "Tapez-la dans un terminal. Rien n'a été exécuté ici ; la réponse est celle de la documentation.",
    },
    "break-word": {
        "en": "Leave out {value}, or misspell it. What does the program say, and is it enough to find the mistake?",
        "fr": "Omettez {value}, ou écrivez-le mal. Que dit le programme, et cela suffit-il à trouver la faute ?",
    },
    "build-command": {"en": "Write the command for this: {said}", "fr": "Écrivez la commande pour ceci : {said}"},
    "build-again": {
        "en": "Write the command again from memory, with something else for {value}.",
        "fr": "Réécrivez la commande de mémoire, avec autre chose à la place de {value}.",
    },
    "break-line": {
        "en": "Take out {line}. What is the first thing that fails?",
        "fr": "Supprimez {line}. Qu'est-ce qui échoue en premier ?",
    },
    "break-answer": {
        "en": "{name} is missing from then on; it is used in {line} ({cite}).",
        "fr": "{name} manque dès lors ; il sert dans {line} ({cite}).",
    },
    "break-raise": {
        "en": "Bring {name} to say {error}. What does it take?",
        "fr": "Faites dire {error} à {name}. Que faut-il pour cela ?",
    },
    "break-kind": {
        "en": "Hand {call} something else for {name} than it asks for. What does it ask for?",
        "fr": "Donnez à {call} autre chose pour {name} que ce qu'il demande. Que demande-t-il ?",
    },
    "break-refused": {
        "en": "A test of the project shows something being refused here. Guess what, try it, then look.",
        "fr": "Un test du projet montre un refus ici. Devinez lequel, essayez, puis regardez.",
    },
    "break-name": {
        "en": "Misspell {name}. Who notices, and when: before anything runs, or at that line?",
        "fr": "Écrivez mal {name}. Qui s'en aperçoit, et quand : avant toute exécution, ou à cette ligne ?",
    },
    "change-default": {
        "en": "Leave out {value}. Which value is taken then?",
        "fr": "Omettez {value}. Quelle valeur est alors prise ?",
    },
    "change-default-answer": {
        "en": "{value}, says the signature ({cite}).",
        "fr": "{value}, dit la signature ({cite}).",
    },
    "change-literal": {
        "en": "Change {value} to something that you would use. What becomes different?",
        "fr": "Remplacez {value} par ce que vous utiliseriez. Qu'est-ce qui change ?",
    },
    "change-show": {
        "en": "Add a line that shows {name} right after {line}. Say first what it will show.",
        "fr": "Ajoutez une ligne qui montre {name} juste après {line}. Dites d'abord ce qu'elle montrera.",
    },
    "change-shorter": {
        "en": "Make it shorter by a line, with the same effect.",
        "fr": "Raccourcissez-le d'une ligne, avec le même effet.",
    },
    "break-guard": {
        "en": "Make {call} come to this: {outcome}. What has to reach it?",
        "fr": "Amenez {call} à ceci : {outcome}. Que faut-il lui faire parvenir ?",
    },
    "break-twice": {
        "en": "Let {line} happen twice. Is the second time the same as the first?",
        "fr": "Faites que {line} ait lieu deux fois. La seconde fois est-elle comme la première ?",
    },
    "break-empty": {
        "en": "Put nothing in place of {value}: an empty text, zero, an empty list. Is that an error?",
        "fr": "Ne mettez rien à la place de {value} : un texte vide, zéro, une liste vide. Est-ce une erreur ?",
    },
    "break-gone": {
        "en": "Leave {line} out and run it all the same. Does anything complain?",
        "fr": "Omettez {line} et exécutez tout de même. Quelque chose se plaint-il ?",
    },
    "break-first": {
        "en": "Move {line} to the top. What is not ready there?",
        "fr": "Déplacez {line} tout en haut. Qu'est-ce qui n'y est pas prêt ?",
    },
    "change-sibling": {
        "en": "Write {other} in place of {name}. What happens instead?",
        "fr": "Écrivez {other} à la place de {name}. Que se passe-t-il alors ?",
    },
    "change-swap": {
        "en": "Exchange {line} and the line after it. What is not there yet?",
        "fr": "Échangez {line} et la ligne suivante. Qu'est-ce qui n'existe pas encore ?",
    },
    "change-swap-answer": {
        "en": "{name}, which this line makes ({cite}).",
        "fr": "{name}, que cette ligne crée ({cite}).",
    },
    "change-parameter": {
        "en": "Give {call} something else than {value}. Which of its parameters is that?",
        "fr": "Donnez à {call} autre chose que {value}. De quel paramètre s'agit-il ?",
    },
    "build-gap": {
        "en": "`starter.py` has a gap. Fill it so that `python check.py` is silent; it fails on the file as given.",
        "fr": (
            "`starter.py` a un trou. Comblez-le pour que `python check.py` se taise ; il échoue sur le fichier donné."
        ),
    },
    "build-gap-own": {
        "en": "Put this into the project's tests with the gap filled; it has to pass, and fails as given.",
        "fr": "Placez ceci dans les tests du projet, le trou comblé ; il doit réussir, et échoue tel quel.",
    },
    "build-gap-read": {
        "en": "One line is left out here. Write it, then compare.",
        "fr": "Une ligne manque ici. Écrivez-la, puis comparez.",
    },
    "gap-mark": {"en": "your line here", "fr": "votre ligne ici"},
    "from": {"en": "from {cite}", "fr": "d'après {cite}"},
    "order-start": {
        "en": "A newcomer begins here: {cite} shows the first use.",
        "fr": "On commence ici : {cite} montre le premier usage.",
    },
    "order-docs": {"en": "The documentation has it here: {cite}.", "fr": "La documentation le place ici : {cite}."},
    "order-use": {
        "en": (
            "No heading is about it; it is placed by how often examples, tests and documentation use {name} ({cite})."
        ),
        "fr": (
            "Aucun titre n'en traite ; placé selon l'usage de {name} dans exemples, tests et documentation ({cite})."
        ),
    },
    "order-domain": {
        "en": "What the program is about: the word cuts across its code, as in {cite}.",
        "fr": "Ce dont traite le programme : le mot traverse son code, comme dans {cite}.",
    },
    "order-entries": {
        "en": "A newcomer begins where the program is entered: {cite}.",
        "fr": "On commence là où l'on entre dans le programme : {cite}.",
    },
    "order-code": {
        "en": "A part of the project with a folder of its own ({cite}).",
        "fr": "Une partie du projet avec son dossier ({cite}).",
    },
    "described": {"en": "Taught by {paths}.", "fr": "Enseigné par {paths}."},
    "beside": {"en": "lies beside", "fr": "voisine avec"},
    "beside-evidence": {
        "en": "both belong to the course; no call or mention between them was found ({cites})",
        "fr": "tous deux font partie du cours ; aucun appel ni mention entre eux n'a été trouvé ({cites})",
    },
    "mentions": {"en": "mentions {name}", "fr": "mentionne {name}"},
    "calls": {"en": "calls {name}", "fr": "appelle {name}"},
    "creates": {"en": "creates {name}", "fr": "crée {name}"},
    "extends": {"en": "extends {name}", "fr": "étend {name}"},
    "and": {"en": "and", "fr": "et"},
}


@dataclass(frozen=True, slots=True)
class Words:
    """The phrases of one language."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """Return a phrase with its places filled; `values` are Markdown already."""
        return PHRASES[key][self.language].format(**values)

    def listing(self, items: "list[str] | tuple[str, ...]") -> str:
        """`a`, `a and b`, `a, b and c`."""
        if len(items) < 2:  # noqa: PLR2004
            return "".join(items)
        return f"{', '.join(items[:-1])} {self('and')} {items[-1]}"
