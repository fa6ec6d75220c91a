const INVALID_FLAG = 'Invalid value for --$<flag> ("$<given>"): use';

/** oclif's messages in our words; their first match applies. `$<list>` is `a, b, c`. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^Expected --(?<flag>[\w-]+)=(?<given>.*) to be one of: (?<list>.+)$/s, `${INVALID_FLAG} $<list>`],
  [/^Expected (?<given>.*) to be one of: (?<list>.+)$/s, 'Invalid argument "$<given>": use $<list>'],
  [notInteger(' less than or equal to (?<bound>\\S+)'), `${INVALID_FLAG} a whole number up to $<bound>`],
  [notInteger(' greater than or equal to (?<bound>\\S+)'), `${INVALID_FLAG} a whole number from $<bound>`],
  [notInteger(''), `${INVALID_FLAG} a whole number`],
  [/^Flag --(?<flag>[\w-]+) expects one of these values: (?<list>.+)$/s, '--$<flag> needs a value: use $<list>'],
  [/^Unexpected argument: (?<given>.*)$/s, 'Unexpected argument: "$<given>"'],
  [/^The following errors? occurred:\s+(?<rest>.+)$/s, '$<rest>'],
];

/** Turns a message of oclif's parser into a sentence without its period. */
export function usageSentence(message: string): string {
  const text = message.replace(/\n?See more help with --help/, '');
  const missing = /^Missing \d+ required args?:\n(.+)$/s.exec(text)?.[1];
  if (missing) return missingArguments(missing);
  const [rule, words] = RULES.find(([each]) => each.test(text)) ?? [];
  if (!rule || !words) return oneLine(text);
  const list = rule.exec(text)?.groups?.['list'];
  return oneLine(text.replace(rule, list ? words.replace('$<list>', alternatives(list)) : words));
}

/** `bound`: a pattern of what follows "an integer". */
function notInteger(bound: string): RegExp {
  return new RegExp(`^Parsing --(?<flag>[\\w-]+)\\s+Expected an integer${bound} but received: (?<given>.*)$`, 's');
}

/** Each line begins with the argument's name. */
function missingArguments(lines: string): string {
  const names = lines.split('\n').flatMap((line) => /^[\w-]+/.exec(line)?.[0]?.toUpperCase() ?? []);
  return `Missing argument${names.length === 1 ? '' : 's'}: ${names.join(', ')}`;
}

/** `a, b, c` as `a, b or c`. */
function alternatives(list: string): string {
  return list.replace(/, ([^,]*)$/, ' or $1');
}

export function oneLine(message: string): string {
  return message
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[.:\s]+$/, '')
    .trim();
}
