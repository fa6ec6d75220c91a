/** What an answer is made of. Lists become `<item>`s, and what is undefined is left out. */
export type Xml = string | number | boolean | undefined | readonly Xml[] | { readonly [name: string]: Xml };

const escape = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? sign);

export function element(name: string, value: Xml): string {
  return value === undefined ? '' : `<${name}>${content(value)}</${name}>`;
}

function content(value: Xml): string {
  if (Array.isArray(value)) return value.map((each: Xml) => element('item', each)).join('');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, each]) => element(name, each))
      .join('');
  return escape(String(value ?? ''));
}
