// A course CLI in the shape of the existing one: its commands, its six steps, its lines, its files, its exit codes.
// The first four steps ask Claude Code, which lies beside this file; the last two work on what the fourth wrote.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { version } = require('../package.json');

const MESSAGES = [
  'Extracting core abstractions from codebase',
  'Analyzing relationships between components',
  'Determining optimal chapter order',
  'Generating chapter content',
  'Reviewing and enhancing chapters',
  'Generating interactive tutorials',
];

function log(level, msg) {
  process.stdout.write(`${JSON.stringify({ level, time: Date.now(), context: 'analyze', msg })}\n`);
}

// Prompts are looked up where the program is started.
function prompt(name, values) {
  const text = fs.readFileSync(path.join('prompts', name), 'utf8');
  return Object.entries(values).reduce((filled, [key, value]) => filled.replaceAll(key, value), text);
}

function ask(text, { directory, tools, system }) {
  const argv = ['--output-format', 'stream-json', '--verbose'];
  if (system) argv.push('--system-prompt', system);
  if (process.env.CLAUDE_MODEL) argv.push('--model', process.env.CLAUDE_MODEL);
  argv.push('--allowedTools', tools.join(','), '--print', text);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(__dirname, 'cli.js'), ...argv], {
      cwd: directory,
      env: { ...process.env, CLAUDE_CODE_ENTRYPOINT: 'sdk-ts' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (part) => { output += part; });
    child.on('error', reject);
    child.on('close', () => {
      const lines = output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
      const result = lines.find((line) => line.type === 'result');
      if (!result || result.is_error) reject(new Error(result ? result.result : 'Claude Code said nothing'));
      else resolve(result.result);
    });
  });
}

// The files come from a model: only the two lists that are needed are read from them, one entry a line.
function entries(file, key) {
  const found = fs.readFileSync(file, 'utf8').matchAll(new RegExp(`^\\s*(?:- )?${key}: (.+)$`, 'gm'));
  return [...found].map((match) => match[1].trim());
}

function slug(name) {
  return name.trim().toLowerCase().replace(/\s/g, '_').replace(/[^a-z0-9_-]/g, '_').replace(/_+/g, '_');
}

async function analyze(project) {
  const directory = path.resolve(project);
  if (!fs.existsSync(directory)) throw new Error('no such project');
  const output = path.resolve(directory, process.env.CLAUDE_OUTPUT_DIR || '.claude-tutorial-output');
  const file = (name) => path.join(output, name);
  for (const folder of ['chapters', 'reviewed-chapters', 'tutorials']) fs.mkdirSync(file(folder), { recursive: true });
  log('info', 'Starting codebase analysis');
  const values = {
    '{{ABSTRACTIONS_PATH}}': file('step1_abstractions.yaml'),
    '{{RELATIONSHIPS_PATH}}': file('step2_relationships.yaml'),
  };
  const steps = [
    ['1-abstractions.md', 'step1_abstractions.yaml'],
    ['2-analyze-relationshipt.md', 'step2_relationships.yaml'],
    ['3-order-chapters.md', 'step3_order.yaml'],
  ];
  for (const [position, [name, target]] of steps.entries()) {
    log('info', MESSAGES[position]);
    const system = prompt(name, { ...values, '{{OUTPUT_PATH}}': file(target) });
    await ask(`Do what your instructions say; the file is ${file(target)}`, { directory, tools: ['Write', 'Read', 'LS', 'Glob', 'Grep', 'Edit', 'Bash'], system });
    if (!fs.existsSync(file(target))) throw new Error(`${target} was not written`);
  }
  log('info', MESSAGES[3]);
  const names = entries(file('step3_order.yaml'), 'name');
  const written = await Promise.all(names.map((name, index) => ask(
    prompt('4-write-chapters.md', { '{number}': String(index + 1), '{name}': name, '{description}': name }),
    { directory, tools: ['Read', 'LS', 'Glob', 'Grep'] },
  )));
  names.forEach((name, index) => fs.writeFileSync(file(`chapters/chapter_${index}_${slug(name)}.md`), written[index]));
  log('info', MESSAGES[4]);
  names.forEach((name, index) => fs.writeFileSync(file(`reviewed-chapters/chapter_${index}_${slug(name)}.md`), `${written[index]}\n\nReviewed.\n`));
  log('info', MESSAGES[5]);
  names.forEach((name, index) => fs.writeFileSync(file(`tutorials/tutorial_${index}_${slug(name)}.md`), 'Try it: change one value and say what happens.\n'));
  log('info', 'Analysis complete!');
  log('info', 'Output summary:');
}

async function run(argv) {
  const text = argv[argv.indexOf('-p') + 1];
  const system = prompt('general.md', {});
  fs.mkdirSync('logs', { recursive: true });
  try {
    const answer = await ask(text, { directory: process.cwd(), tools: ['Read', 'Write', 'Edit', 'Bash'], system });
    fs.writeFileSync('logs/last.json', JSON.stringify({ asked: text.length }));
    process.stdout.write(`${answer}\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

async function main(argv) {
  const words = argv.filter((word) => word !== '--json');
  if (words[0] === 'run') return run(words);
  if (words[0] === 'version' || words[0] === '--version') { process.stdout.write(`${version}\n`); return undefined; }
  if (words[0] === 'analyze') {
    try {
      return await analyze(words[1]);
    } catch {
      log('error', 'Analysis failed');
      process.exitCode = 1;
      return undefined;
    }
  }
  process.stdout.write('usage: analyze <path> | run -p <prompt> | version\n');
  return undefined;
}

main(process.argv.slice(2));
