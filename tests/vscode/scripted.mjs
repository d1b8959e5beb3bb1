// What stands in for models: answers from a file of rules, through the server's own scripted backend.

export const SOURCE = `import re


def slug(title, limit=40):
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words)[:limit].rstrip("-")


def initials(name):
    return "".join(word[0].upper() for word in name.split())
`;

const fence = (text) => `\`\`\`python\n${text}\`\`\`\n`;

export const DOCUMENTED = `def slug(title, limit=40):
    """Return the words of \`title\` in lower case, joined by dashes, at most \`limit\` characters long."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words)[:limit].rstrip("-")
`;

export const TESTS = `from tested import slug


def test_slug_joins_words_with_dashes():
    assert slug("Hello, World") == "hello-world"


def test_slug_of_nothing_is_empty():
    assert slug("") == ""


def test_slug_is_cut_without_a_dash_at_its_end():
    assert slug("one two three", limit=4) == "one"
`;

export const REFACTORED = `def initials(name):
    letters = [word[0].upper() for word in name.split()]
    return "".join(letters)
`;

export const INSTRUCTED = `def initials(name):
    if name is None:
        return ""
    return "".join(word[0].upper() for word in name.split())
`;

export const HINTED = `def slug(title: str, limit: int = 40) -> str:
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "-".join(words)[:limit].rstrip("-")
`;

const RULES = [
  { when: "Task: document\\. Target: 'slug'", reply: fence(DOCUMENTED) },
  { when: "Task: document\\. Target: 'initials'", reply: fence(INSTRUCTED), hold: true },
  { when: "Task: write tests\\. Target: 'slug'", reply: fence(TESTS) },
  { when: "Task: add type hints.*'slug'", reply: fence(HINTED) },
  { when: "Task: refactor\\. Target: 'initials'", reply: fence(REFACTORED), chunks: 24 },
  { when: "Task: do\\. Target: 'initials'.*None", reply: fence(INSTRUCTED) },
];

/** A source with one function rewritten. */
export function withFunction(start, text, source = SOURCE) {
  const from = source.indexOf(start);
  const to = source.indexOf('\n\n', from);
  return source.slice(0, from) + text + (to === -1 ? '' : source.slice(to + 1));
}

/** Write the rules and the configuration that uses them; gives the configuration's path back. */
export function writeConfig(sandbox) {
  const script = sandbox.write('script.json', JSON.stringify(RULES));
  return sandbox.write(
    'config.toml',
    `
[tiers.local]
models = ["fast/small"]
[tiers.bulk]
models = ["fast/medium"]
[tiers.top]
models = ["slow/large"]
[actions.refactor]
tier = "top"
[backends.fast]
type = "scripted"
script = "${script}"
chunk_delay_s = 0.05
[backends.slow]
type = "scripted"
script = "${script}"
chunk_delay_s = 0.5
[models."fast/medium"]
input_usd_per_million = 0.6
output_usd_per_million = 2.2
[models."slow/large"]
input_usd_per_million = 5
output_usd_per_million = 25
[ledger]
path = "${sandbox.at('ledger.db')}"
`,
  );
}
