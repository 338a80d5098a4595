"""A program's course: the ways into it in many frameworks, what it is about, what it refuses."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.author.material import material_of
from analyzer.checks import check_course
from analyzer.code.model import Role
from analyzer.code.roles import role_of
from analyzer.concepts.candidates import Candidate
from analyzer.concepts.clusters import Cluster
from analyzer.concepts.kind import ProjectKind
from analyzer.concepts.layers import domain_term
from analyzer.concepts.model import Ground
from analyzer.concepts.selection import balanced
from analyzer.source import snapshot
from analyzer.static.catalogue import Words
from analyzer.static.excerpts import sample
from analyzer.static.failures import other_ways
from analyzer.static.guards import guards_of
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import SHOP, Files, analyze, answered, ways_into

MapOf = Callable[[Files], RepositoryMap]
Make = Callable[..., Path]

FRAMEWORKS: dict[str, tuple[Files, list[tuple[str, str]]]] = {
    "Go's standard library": (
        {
            "main.go": (
                'package main\n\nfunc main() {\n\tmux.HandleFunc("GET /orders/{id}", shop.showOrder)\n'
                '\tmux.Handle("/health", http.HandlerFunc(health))\n}\n\nfunc health() {}\n'
            ),
            "shop.go": "package main\n\nfunc (s *Shop) showOrder() {}\n",
        },
        [
            ("GET /orders/{id}", "Shop.showOrder"),
            ("/health", "health"),
            ("main.go", "main"),
        ],
    ),
    "Spring": (
        {
            "src/main/java/shop/OrderController.java": (
                '@RequestMapping("/orders")\npublic class OrderController {\n'
                '    @GetMapping("/{id}")\n    public String show() { return ""; }\n\n'
                '    @PostMapping\n    public String create() {\n        return "";\n    }\n\n'
                '    @RequestMapping(value = "/{id}", method = RequestMethod.DELETE)\n'
                "    public void remove() { }\n}\n"
            )
        },
        [
            ("GET /orders/{id}", "OrderController.show"),
            ("POST /orders", "OrderController.create"),
            ("DELETE /orders/{id}", "OrderController.remove"),
        ],
    ),
    "NestJS": (
        {
            "src/orders.controller.ts": (
                "@Controller('orders')\nexport class OrdersController {\n"
                "  @Get(':id')\n  findOne(id: string) {\n    return id;\n  }\n}\n"
            )
        },
        [("GET /orders/:id", "OrdersController.findOne")],
    ),
    "Express, written where it is registered": (
        {
            "src/orders.service.js": "export function createOrder() {\n  return 1;\n}\n",
            "src/orders.js": (
                "import { createOrder } from './orders.service';\n\n"
                "router.post(\n  '/orders',\n  auth.required,\n  async (req, res, next) => {\n"
                "    const made = await createOrder(req.body);\n    res.json(made);\n  },\n);\n"
            ),
        },
        [("POST /orders", "createOrder")],
    ),
    "Flask and FastAPI": (
        {
            "app.py": (
                '@app.route("/orders", methods=["POST"])\ndef create():\n    return 1\n\n\n'
                '@router.get("/orders/{order_id}")\nasync def show(order_id):\n    return order_id\n'
            )
        },
        [("POST /orders", "create"), ("GET /orders/{order_id}", "show")],
    ),
    "Django": (
        {
            "orders/urls.py": (
                'from orders import views\n\nurlpatterns = [\n    path("orders/<int:pk>/", views.show),\n'
                '    path("orders/", views.List.as_view()),\n]\n'
            ),
            "orders/views.py": "def show(request, pk):\n    return pk\n\n\nclass List:\n    pass\n",
            "orders/management/commands/send_orders.py": "class Command:\n    def handle(self):\n        pass\n",
        },
        [("send_orders", "Command.handle"), ("/orders/<int:pk>", "show"), ("/orders", "List")],
    ),
    "Laravel": (
        {
            "routes/api.php": (
                "<?php\nRoute::get('orders/{order}', [OrderController::class, 'show'])->name('orders.list');\n"
                "Route::delete('me', LogoutController::class);\n"
            ),
            "app/OrderController.php": "<?php\nclass OrderController {\n    public function show() { return 1; }\n}\n",
            "app/UserController.php": (
                "<?php\nclass UserController {\n    public function show() { return 1; }\n"
                "    public function list() { return 1; }\n}\n"
            ),
            "app/LogoutController.php": "<?php\nclass LogoutController {\n    public function go() { return 1; }\n}\n",
        },
        [("GET /orders/{order}", "OrderController.show"), ("DELETE /me", "LogoutController")],
    ),
    "Rails": (
        {
            "config/routes.rb": (
                'Rails.application.routes.draw do\n  get "/orders/:id", to: "orders#show"\n'
                '  post "/orders" => "orders#create", :format => "json"\nend\n'
            ),
            "app/controllers/orders_controller.rb": (
                "class OrdersController\n  def show\n  end\n\n  def create\n  end\nend\n"
            ),
            "lib/series.rb": "class Series\n  def format\n  end\nend\n",
        },
        [("GET /orders/:id", "OrdersController.show"), ("POST /orders", "OrdersController.create")],
    ),
    "ASP.NET": (
        {
            "Controllers/OrderController.cs": (
                '[Route("api/[controller]/[action]")]\npublic class OrderController\n{\n'
                "    [HttpGet]\n    public string Mine()\n    {\n        return null;\n    }\n}\n"
            )
        },
        [("GET /api/Order/Mine", "OrderController.Mine")],
    ),
    "axum": (
        {
            "src/main.rs": (
                'fn router() -> Router {\n    Router::new().route("/orders", post(create_order))\n}\n\n'
                "async fn create_order() {}\n\nfn main() {}\n"
            )
        },
        [("/orders", "create_order"), ("src/main.rs", "main")],
    ),
    "remote procedures": (
        {
            "proto/orders.proto": (
                "service Orders {\n  rpc CreateOrder(CreateOrderRequest) returns (Order) {}\n"
                "  rpc Nobody(Nothing) returns (Nothing);\n}\n"
            ),
            "server/orders.go": "package server\n\nfunc (s *OrdersService) CreateOrder() {}\n",
            "gen/orders_grpc.pb.go": "package gen\n\nfunc (UnimplementedOrdersServer) CreateOrder() {}\n",
        },
        [("rpc CreateOrder", "OrdersService.CreateOrder")],
    ),
    "commands of click, argparse and cobra": (
        {
            "cli.py": (
                '@cli.command("send-all")\ndef send():\n    pass\n\n\n@cli.command()\ndef tidy_up():\n    pass\n\n\n'
                'commands.add_parser("watch", help="what to send")\n\nif __name__ == "__main__":\n    send()\n'
            ),
            "cmd/root.go": 'package cmd\n\nvar root = &cobra.Command{\n\tUse: "serve [flags]",\n\tRun: serve,\n}\n',
        },
        [("send-all", "send"), ("tidy-up", "tidy_up"), ("watch", ""), ("cli.py", "send"), ("serve", "")],
    ),
    "programs that are installed, and tasks": (
        {
            "pyproject.toml": '[project.scripts]\nshop = "shop.main:run"\n',
            "shop/main.py": "def run():\n    pass\n\n\n@app.task(bind=True)\ndef send_mail(self):\n    pass\n",
        },
        [("shop", "run"), ("send_mail", "send_mail")],
    ),
}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_ways_in_are_found_with_what_answers(repository: Make, framework: str) -> None:
    files, wanted = FRAMEWORKS[framework]
    found, lines = ways_into(repository(files))
    assert answered(found) == sorted(wanted)
    for entry in found:
        assert 1 <= entry.span.start <= len(lines[entry.span.path])


@pytest.mark.parametrize(
    "line",
    [
        'found = client.get("/orders")',
        'this.http.post("/orders", body)',
        "# router.get('/orders', show)",
        '    // mux.HandleFunc("/orders", show)',
        '@get:JvmName("url") val url: HttpUrl',
        'path = os.path.join("/orders", name)',
        'cache.put("/orders")',
        'client.get("/orders", () => 1)',
    ],
)
def test_who_asks_others_is_no_way_in(repository: Make, line: str) -> None:
    files = {
        "a.py": f"{line}\n\n\ndef show():\n    pass\n",
        "b.kt": f"class A {{\n    {line}\n    fun show() {{}}\n}}\n",
    }
    assert ways_into(repository(files))[0] == ()


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("OrderController", "order"),
        ("orders_repository", "order"),
        ("createOrderHandler", "order"),
        ("ItemsController", "item"),
        ("CartItem", "cart"),
        ("UserService", "user"),
        ("BaseController", ""),
    ],
)
def test_a_name_is_about_what_is_left_beside_its_layer(name: str, term: str) -> None:
    assert domain_term(name) == term


ORDERS: Files = {
    "README.md": (
        "# Depot\n\nDepot is a service that ships orders.\n\n"
        "## Run it locally\n\n```console\n$ node src/server.js\n```\n\n"
        "## Docker\n\nBuild the image.\n\n```console\n$ docker build .\n```\n"
    ),
    "package.json": '{"name": "depot", "private": true, "main": "src/server.js"}',
    "src/server.js": "import { routes } from './routes';\n\nfunction main() {\n  routes();\n}\n\nmain();\n",
    "src/routes.js": (
        "import { createOrder, showOrder } from './orders/order.service';\n"
        "import { listCarriers } from './carriers/carrier.service';\n\n"
        "export function routes() {\n  router.post('/orders', createOrder);\n  router.get('/orders/:id', showOrder);\n"
        "  router.get('/carriers', listCarriers);\n}\n"
    ),
    "src/orders/order.js": (
        "/** What somebody wants to have. */\nexport class Order {\n"
        "  constructor(lines) {\n    this.lines = lines;\n  }\n}\n"
    ),
    "src/orders/order.service.js": (
        "import { Order } from './order';\nimport { saveOrder } from './order.store';\n\n"
        "export function createOrder(body) {\n  if (!body.lines) {\n    throw new Error('an order has lines');\n  }\n"
        "  const order = new Order(body.lines);\n  return saveOrder(order);\n}\n\n"
        "export function showOrder(id) {\n  return id;\n}\n"
    ),
    "src/orders/order.store.js": (
        "/** Keep an order until it was shipped. */\nexport function saveOrder(order) {\n  kept.push(order);\n"
        "  return order;\n}\n"
    ),
    "src/carriers/carrier.js": (
        "/** Who takes a parcel away. */\nexport class Carrier {\n  name() {\n    return 1;\n  }\n}\n"
    ),
    "src/carriers/carrier.service.js": "export function listCarriers() {\n  return [];\n}\n",
    "src/carriers/carrier.store.js": "export function carrierByName(name) {\n  return name;\n}\n",
}


TESTED = (
    "import { createOrder } from '../src/orders/order.service';\n\n"
    "test('an order is kept', () => {\n  const order = createOrder({ lines: [1] });\n"
    "  expect(order.lines).toEqual([1]);\n});\n"
)


def test_a_program_is_taught_by_what_it_is_about(map_of: MapOf) -> None:
    repo_map = map_of(ORDERS)
    titles = [concept.title for concept in repo_map.concepts]
    assert repo_map.kind is ProjectKind.APPLICATION
    assert titles[0] == "Run it locally"
    assert titles[1:3] == ["Order", "Carrier"]
    assert "Docker" not in titles[:3]  # how it is shipped comes after what it does
    order = repo_map.concepts[1]
    assert [entry.label for entry in repo_map.entries_about(order)] == ["POST /orders", "GET /orders/:id"]
    assert order.reasons[0].ground.value == "domain"


def test_how_a_program_is_shipped_is_told_after_what_it_does(map_of: MapOf) -> None:
    shipping = (
        "## Deploy orders\n\n"
        + "Orders and carriers are deployed by hand. " * 40
        + "\n\n```console\n$ ship createOrder\n```\n"
    )
    more = {"src/carriers/rates.js": "export function rate() {\n" + "  count += 1;\n" * 500 + "}\n"}
    titles = [
        concept.title
        for concept in map_of({**ORDERS, **more, "README.md": f"{ORDERS['README.md']!s}\n{shipping}"}).concepts
    ]
    assert titles.index("Carrier") < titles.index("Docker")


def test_what_only_a_readme_tells_of_a_program_comes_last_after_the_first() -> None:
    def cluster(title: str, ground: Ground) -> Cluster:
        member = Candidate(title=title, term=title, ground=ground, weight=2.0, position=(1.0,), says=title)
        return Cluster(term=title, members=[member])

    told = ["Configuration", "Docker", "Heroku"]
    ranked = [*(cluster(title, Ground.README) for title in told), cluster("Order", Ground.DOMAIN)]
    assert [found.term for found in balanced(ranked)] == ["Configuration", "Order", "Docker", "Heroku"]


def test_a_chapter_goes_from_the_request_into_the_code(repository: Make, tmp_path: Path) -> None:
    folder = repository(ORDERS)
    analyze(folder, tmp_path / "out")
    chapters = tmp_path / "out" / "chapters"
    first = (chapters / "chapter_0_run_it_locally.md").read_text()
    assert "| `GET /carriers` | `listCarriers` | `src/routes.js#L7` → `src/carriers/carrier.service.js#L1` |" in first
    order = (chapters / "chapter_1_order.md").read_text()
    assert "| `POST /orders` | `createOrder` | `src/routes.js#L5` → `src/orders/order.service.js#L4` |" in order
    assert "## What happens on `POST /orders`" in order
    assert "2. `saveOrder()`: Keep an order until it was shipped." in order
    table = (
        "## When it goes another way\n\n| in | when | then |\n| --- | --- | --- |\n| `createOrder` | `!body.lines` | "
    )
    assert f"{table}`throw new Error('an order has lines')` (" in order
    assert "`POST /orders` comes in. Which definition answers?" in order
    assert "/carriers" not in order
    assert check_course(tmp_path / "out", snapshot.read(snapshot.list_repository(folder)).lines) == []


def test_what_a_table_tells_is_not_asked_where_there_is_more_to_ask(repository: Make, tmp_path: Path) -> None:
    service = str(ORDERS["src/orders/order.service.js"])
    second = "  if (!id) {\n    throw new Error('which order');\n  }\n  return id"
    files: Files = {**ORDERS, "src/orders/order.service.js": service.replace("  return id", second)}
    analyze(repository(files), tmp_path / "out")
    order = (tmp_path / "out" / "chapters" / "chapter_1_order.md").read_text(encoding="utf-8")
    assert "which order" in order.partition("## Check yourself")[2]
    assert "Which definition answers?" not in order


def test_refusals_come_before_other_turns(map_of: MapOf) -> None:
    body = "export function createOrder(body) {\n  if (body.isDraft) {\n    return saveOrder(body);\n  }\n"
    body += "  if (!body.lines) {\n    throw new Error('an order has lines');\n  }\n  return body;\n}\n"
    body += "\nexport function showOrder(id) {\n  return id;\n}\n"
    repo_map = map_of({**ORDERS, "src/orders/order.service.js": body})
    rows = other_ways(repo_map, repo_map.concepts[1], Words("en")).splitlines()[2:]
    assert ["`!body.lines`" in rows[0], "`body.isDraft`" in rows[1]] == [True, True]


def test_a_subject_is_introduced_by_its_own_type(repository: Make, tmp_path: Path) -> None:
    part = "# Old protocol\n\nFor clients.\n\n## Orders\n\nIt sends every order as a list of `lines` without names.\n"
    folder = repository({**ORDERS, "src/protocol/README.md": part})
    analyze(folder, tmp_path / "out")
    order = (tmp_path / "out" / "chapters" / "chapter_1_order.md").read_text()
    assert order.split("\n\n")[2].startswith("> What somebody wants to have.")


def test_the_ways_in_open_the_course_where_no_page_shows_a_use(map_of: MapOf) -> None:
    repo_map = map_of({**ORDERS, "README.md": "# Depot\n\nDepot is a service that ships orders.\n"})
    first = repo_map.concepts[0]
    assert (first.title, first.is_start) == ("The ways in", True)
    assert first.reasons[0].says == "src/server.js"


def test_a_command_of_the_project_s_own_name_starts_all_of_it(map_of: MapOf) -> None:
    command = "#!/usr/bin/env node\nprogram.command('depot', 'ships orders').action(createOrder);\n"
    repo_map = map_of({**ORDERS, "src/depot.js": command, "src/orders/depot.js": "export class Depot {}\n"})
    first, order = repo_map.concepts[:2]
    assert "depot" not in [entry.label for entry in repo_map.entries_about(order)]
    assert first.is_start or repo_map.kind is ProjectKind.APPLICATION
    starts = RepositoryMap.entries_about(repo_map, replace(first, is_start=True))
    assert [entry.label for entry in starts] == ["depot", "src/server.js"]


def test_an_exercise_asks_for_what_is_refused(repository: Make, tmp_path: Path) -> None:
    folder = repository({**ORDERS, "test/order.test.js": TESTED})
    analyze(folder, tmp_path / "out")
    asked = "".join(path.read_text() for path in (tmp_path / "out" / "tutorials").iterdir())
    assert "Make `createOrder()` come to this: `throw new Error('an order has lines')`" in asked


def test_steps_of_a_databases_past_are_no_part_of_what_a_program_does(map_of: MapOf) -> None:
    step = "export class OrderMigration {\n  up() {\n    return 1;\n  }\n}\n"
    past = {f"src/migrations/{number}-orders.js": step for number in range(5)}
    order = map_of({**ORDERS, **past}).concepts[1]
    assert order.title == "Order"
    assert not any("migrations" in key for key in order.symbols)


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({**FRAMEWORKS["Django"][0], **FRAMEWORKS["Flask and FastAPI"][0]}, ProjectKind.APPLICATION),
        (FRAMEWORKS["Spring"][0], ProjectKind.APPLICATION),
        # A page that a library brings along makes no program of it.
        (
            {
                "queue.gemspec": "Gem::Specification.new\n",
                "lib/web.rb": 'get "/", show\nget "/jobs", show\nget "/dead", show\n\ndef show\nend\n',
            },
            ProjectKind.LIBRARY,
        ),
        ({"lister.c": "int main(void)\n{\n    return 0;\n}\n"}, ProjectKind.APPLICATION),
        (
            {
                "CMakeLists.txt": "add_library(lister lister.c)\n",
                "lister.c": "int show(void)\n{\n    return 0;\n}\n",
                "try.c": "int main(void)\n{\n    return 0;\n}\n",
            },
            ProjectKind.LIBRARY,
        ),
        (SHOP, ProjectKind.LIBRARY),
    ],
)
def test_what_answers_requests_is_run_and_not_imported(map_of: MapOf, files: Files, kind: ProjectKind) -> None:
    assert map_of(files).kind is kind


REFUSALS = {
    "a.py": (
        "def show(order):\n    if order is None:\n        return missing()\n    return 1\n",
        ("order is None", "return missing()"),
    ),
    "a.go": (
        "package a\n\nfunc show(w W) {\n\tif order == nil {\n\t\tresponse.NotFound(w)\n\t\treturn\n\t}\n}\n",
        ("order == nil", "response.NotFound(w)"),
    ),
    "A.java": (
        (
            "class A {\n    String show() {\n        if (result.hasErrors()) {\n"
            '            return "form";\n        }\n        return "";\n    }\n}\n'
        ),
        ("result.hasErrors()", 'return "form"'),
    ),
    "b.js": (
        "function show(a) {\n  if (a.isOpen()) {\n    return drawn(a);\n  }\n  return a;\n}\n",
        ("a.isOpen()", "return drawn(a)"),
    ),
    "a.js": (
        "function show(a) {\n  if (!a) throw new Error('none');\n  return a;\n}\n",
        ("!a", "throw new Error('none')"),
    ),
    "a.rb": (
        "def show(url)\n  return nothing_there if url.blank?\n  url\nend\n",
        ("url.blank?", "return nothing_there"),
    ),
}


@pytest.mark.parametrize("path", REFUSALS)
def test_what_is_refused_is_read_in_any_language(map_of: MapOf, path: str) -> None:
    body, told = REFUSALS[path]
    repo_map = map_of({path: body})
    function = next(symbol for symbol in repo_map.links.symbols.values() if symbol.name == "show")
    [guard] = guards_of(repo_map, function)
    assert (guard.condition, guard.outcome) == told
    shown = "\n".join(repo_map.lines(guard.span))
    assert all(text in shown for text in told)


@pytest.mark.parametrize(
    "body",
    [
        "if err != nil {\n\t\treturn err\n\t}",  # what failed before
        "if ok {\n\t\tcount++\n\t}",  # goes on
        "if done {\n\t\treturn nil\n\t}",  # says nothing
    ],
)
def test_what_only_passes_something_on_is_no_refusal(map_of: MapOf, body: str) -> None:
    repo_map = map_of({"a.go": f"package a\n\nfunc show() error {{\n\t{body}\n\treturn nil\n}}\n"})
    function = next(symbol for symbol in repo_map.links.symbols.values() if symbol.name == "show")
    assert list(guards_of(repo_map, function)) == []


def test_one_value_or_another_is_no_refusal(map_of: MapOf) -> None:
    repo_map = map_of({"a.py": 'def show(query):\n    return "/" if query == "" else "/?" + query\n'})
    function = next(symbol for symbol in repo_map.links.symbols.values() if symbol.name == "show")
    assert list(guards_of(repo_map, function)) == []


def test_what_runs_by_itself_comes_after_what_is_asked_for(repository: Make, tmp_path: Path) -> None:
    files: Files = {
        "orders.py": (
            "@app.task\ndef order_sent():\n    return 1\n\n\n"
            '@app.route("/shop/orders")\ndef orders():\n    return 1\n\n\nclass Order:\n    pass\n'
        ),
        "order_store.py": "def keep(order):\n    return order\n",
        "order_mail.py": "def mail(order):\n    return order\n",
        "main.py": "def main():\n    pass\n\n\nif __name__ == '__main__':\n    main()\n",
    }
    analyze(repository(files), tmp_path / "out")
    chapter = next((tmp_path / "out" / "reviewed-chapters").glob("*_order.md")).read_text(encoding="utf-8")
    rows = [line for line in chapter.splitlines() if line.startswith("| `")]
    assert [row.partition(" | ")[0] for row in rows[:2]] == ["| `/shop/orders`", "| `order_sent`"]
    assert rows[1].count("order_sent") == 1  # not named twice


def test_packages_of_java_may_be_called_samples() -> None:
    assert role_of("src/main/java/org/acme/samples/shop/Order.java", "java") is Role.SOURCE
    assert role_of("src/main/java/com/example/demo/Order.java", "java") is Role.EXAMPLE
    assert role_of("shop-test/src/main/java/org/acme/test/Orders.java", "java") is Role.TEST
    assert role_of("mvnw", "bash") is Role.TOOLING


def test_a_model_gets_the_ways_in_and_where_they_lead(map_of: MapOf) -> None:
    repo_map = map_of(ORDERS)
    told = [piece.what for piece in material_of(repo_map, repo_map.concepts[1]).pieces]
    assert "a way in, POST /orders, answered by createOrder" in told
    assert "function saveOrder" in told


def test_a_test_is_shown_before_what_tests_share(map_of: MapOf) -> None:
    helper = "func checkOrder(t *testing.T, order *Order) {\n\tif order.Total() == 0 {\n\t\tt.Fail()\n\t}\n"
    helper += "\tt.Log(order)\n}\n"
    tested = (
        "func TestTotal(t *testing.T) {\n\torder := &Order{}\n\torder.Add(1)\n\torder.Add(2)\n"
        "\tcheckOrder(t, order)\n\tif order.Total() != 3 {\n\t\tt.Fail()\n\t}\n"
        "\tif order.Count() != 2 {\n\t\tt.Fail()\n\t}\n}\n"
    )
    files = {
        "go.mod": "module example.org/depot\n",
        "order.go": (
            "// Package depot ships orders.\npackage depot\n\n"
            "// Order is what somebody wants.\ntype Order struct{ sum int }\n\n"
            "// Total adds up.\nfunc (o *Order) Total() int { return o.sum }\n"
        ),
        "order_test.go": f"package depot\n\n{helper}\n{tested}",
    }
    repo_map = map_of(files)
    order = next(concept for concept in repo_map.concepts if "order.go::Order" in concept.symbols)
    shown = sample(repo_map, order)
    assert shown is not None
    assert "TestTotal" in shown.text
