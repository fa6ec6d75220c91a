import { stripVTControlCharacters, styleText } from 'node:util';
import { hasColor, type Io, type OutputStream } from '../program/io.ts';

export type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/** Returns a function that cleans text, and colors it if the stream has colors. */
export function painter(stream: OutputStream, io: Io): Paint {
  return hasColor(stream, io)
    ? (style, text) => styleText(style, clean(text), { validateStream: false } as never)
    : (_style, text) => clean(text);
}

const C1_AND_BIDI = '\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069';
const CONTROLS = new RegExp(`[\\x00-\\x08\\x0b-\\x1f${C1_AND_BIDI}]`, 'g');
const UNESCAPED = new RegExp(`[${C1_AND_BIDI}]`, 'g');

/**
 * A text that users could set, on one line: without escape sequences, control characters and overrides of direction.
 */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, '').replaceAll('\n', ' ');
}

/** Cleans a program's line, but keeps its colors where supported. */
export function printable(line: string, colors: boolean): string {
  if (!colors || !line.includes('\x1b')) return clean(line);
  const parts = line.split(/(\x1b\[[0-9;]*m)/).map((part, index) => (index % 2 === 1 ? part : clean(part)));
  return `${parts.join('')}\x1b[0m`;
}

/** Cleans lines, except for what they painted themselves. */
export function render(text: (paint: Paint) => readonly string[], stream: OutputStream, io: Io): string[] {
  const paint = painter(stream, io);
  const painted = new Set<string>();
  const lines = text((style, word) => {
    const result = paint(style, word);
    painted.add(result);
    return result;
  });
  const show = (part: string): string => (painted.has(part) ? part : clean(part));
  return lines.map((line) =>
    line
      .split(/(\x1b\[\d+m[^\x1b]*\x1b\[\d+m)/)
      .map(show)
      .join(''),
  );
}

/** JSON that is safe on a terminal: C1 controls and overrides of direction are escaped too. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    UNESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `1.2s`, `850ms`, `2m 3s`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`;
  return `${Math.floor(ms / 60_000)}m ${Math.round((ms % 60_000) / 1000)}s`;
}

/** `~ 5m ago`. */
export function formatAge(at: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  const [unit, size] = (
    [
      ['d', 86_400],
      ['h', 3_600],
      ['m', 60],
    ] as const
  ).find(([, length]) => seconds >= length) ?? ['s', 1];
  return `~ ${Math.floor(seconds / size)}${unit} ago`;
}

/** `2026-03-01 09:30:00 +0100 (~ 5m ago)`, in the local time zone. */
export function formatTime(at: string, now: number): string {
  return `${formatClock(at)} (${formatAge(at, now)})`;
}

function formatClock(at: string): string {
  const date = new Date(at);
  const offset = -date.getTimezoneOffset();
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, '0');
  const local = new Date(date.getTime() + offset * 60_000).toISOString();
  return (
    `${local.slice(0, 10)} ${local.slice(11, 19)} ` +
    `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}${two(Math.abs(offset) % 60)}`
  );
}

/** `12.3 MB`. Powers of 1000, like registries. */
export function formatBytes(bytes: number): string {
  const [unit, size] = (
    [
      ['GB', 1e9],
      ['MB', 1e6],
      ['kB', 1e3],
    ] as const
  ).find(([, amount]) => bytes >= amount) ?? ['B', 1];
  return `${size === 1 ? bytes : (bytes / size).toFixed(1)} ${unit}`;
}
