import { InvalidArgumentError } from 'commander';
import { refuseUnfit } from '../spec/shell';

/** Adds `api=2.5.0` to earlier values, for a repeatable option. */
export function collectPairs(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || value === '') throw new InvalidArgumentError('Write service=value, such as api=2.5.0.');
  if (name in before) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: value };
}

/** Adds a variable like `collectPairs`; its value may be empty. Throws `input-invalid` if it looks like a secret. */
export function collectVariables(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write NAME=value, such as TAG=2.');
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  if (name in before) throw new InvalidArgumentError(`${name} is given twice.`);
  refuseUnfit({ [name]: value });
  return { ...before, [name]: value };
}

/** Adds `OLD=NEW` like `collectPairs`. */
export function collectWords(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [from, to, ...more] = text.split('=');
  if (!from || !to || more.length > 0) throw new InvalidArgumentError('Write OLD=NEW, such as VERSION=SHOP_VERSION.');
  if (from in before) throw new InvalidArgumentError(`${from} is given twice.`);
  return { ...before, [from]: to };
}

/** Adds a whole number of instances like `collectPairs`. */
export function collectCounts(text: string, before: Record<string, number> = {}): Record<string, number> {
  const [[name, value] = ['', '']] = Object.entries(collectPairs(text));
  if (name in before) throw new InvalidArgumentError(`${name} is given twice.`);
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('Write service=number, such as api=3.');
  return { ...before, [name]: Number(value) };
}

/** Parses a rollback's target: `4`, `api=4,web=2`, or the workflow id of a release. */
export function parseTo(text: string): number | string | Record<string, number> {
  if (/^\d+$/.test(text)) return Number(text);
  if (/^(release|rollback)\/./.test(text)) return text;
  const pairs = text.split(',').map((pair) => /^([^=]+)=(\d+)$/.exec(pair));
  if (pairs.some((pair) => pair === null))
    throw new InvalidArgumentError('Write a revision (4), revisions by service (api=4,web=2), or the id of a release.');
  return Object.fromEntries(pairs.map((pair) => [pair![1]!, Number(pair![2])]));
}

/** Parses a TCP port. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) throw new InvalidArgumentError('Write a port from 1 to 65535.');
  return port;
}
