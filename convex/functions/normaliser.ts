/**
 * Brings Markdown into one form without touching code, as `backend/normaliser.py` does.
 *
 * Line ends become LF, a heading gets a blank line before it, runs of blank lines shrink to one, the text ends with one
 * line feed, a fence left open is closed. Lines inside fences and indented code stay as they are.
 */
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const HEADING = /^#{1,6} /;

/** The normalised text; normalising again changes nothing. */
export function normalise(text: string): string {
  const lines: string[] = [];
  let fence: string | null = null;
  let blank = 0;
  for (const line of text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").split("\n")) {
    if (fence !== null) {
      lines.push(line);
      if (closes(line, fence)) fence = null;
      continue;
    }
    if (!line.trim()) {
      blank += 1;
      continue;
    }
    for (let gap = gapBefore(line, blank, lines.length === 0); gap > 0; gap -= 1) lines.push("");
    blank = 0;
    lines.push(line);
    fence = opening(line);
  }
  if (fence !== null) {
    while (lines.at(-1) === "") lines.pop();
    lines.push(fence);
  }
  return `${lines.join("\n")}\n`;
}

/** Whether the line is a closing fence of at least this length (CommonMark 0.31, 4.5). */
function closes(line: string, mark: string): boolean {
  const match = FENCE.exec(line);
  return match !== null && (match[1] ?? "").startsWith(mark) && !(match[2] ?? "").trim();
}

/** How many blank lines go before the line. */
function gapBefore(line: string, blank: number, first: boolean): number {
  if (first) return 0;
  // Possibly indented code, where blank lines count.
  if (line.startsWith("    ") || line.startsWith("\t")) return blank;
  return blank || HEADING.test(line) ? 1 : 0;
}

function opening(line: string): string | null {
  const match = FENCE.exec(line);
  const mark = match?.[1] ?? "";
  return match === null || (mark.startsWith("`") && (match[2] ?? "").includes("`")) ? null : mark;
}
