import { stripVTControlCharacters, styleText } from 'node:util';
import { hasColor, type Io, type OutputStream } from '../program/io.ts';

type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/** Returns a function that colors text for a stream, or leaves it unchanged if the stream has no colors. */
export function painter(stream: OutputStream, io: Io): Paint {
  return hasColor(stream, io)
    ? (style, text) => styleText(style, text, { validateStream: false } as never)
    : (_style, text) => text;
}

const SGR = /\x1b\[[0-9;]*m/g;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]/g;

/** Sanitizes a program's line: keeps colors where supported, and removes everything that moves the cursor. */
export function printable(line: string, colors: boolean): string {
  const clean = (part: string): string => stripVTControlCharacters(part).replace(CONTROLS, '');
  if (!colors || !line.includes('\x1b')) return clean(line);
  const codes = line.match(SGR) ?? [];
  return (
    line
      .split(SGR)
      .map((part, index) => clean(part) + (codes[index] ?? ''))
      .join('') + '\x1b[0m'
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
