import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Reference {
  /** U and its score, of `sidesOf` each. */
  ranks: [u: number, z: number][];
  /** The interval of 98 %. */
  ends: [low: number, high: number][];
  /** The chance of as many errors of the first, or more; and of as many, or fewer. */
  fisher: [greater: number, less: number][];
}

/** The answers of scipy that reference.py wrote, and the same inputs, drawn in the same order. */
export const reference: Reference = JSON.parse(readFileSync(join(__dirname, 'reference.json'), 'utf8'));

export interface Sides {
  x: number[];
  y: number[];
}

export interface Table {
  x: { errors: number; requests: number };
  y: { errors: number; requests: number };
}

let state = 1;

function draw(below: number): number {
  state = (state * 48271) % 2147483647;
  return state % below;
}

const sample = (size: number, spread: number, shift: number): number[] =>
  Array.from({ length: size }, () => (draw(spread) + shift) / 4);

function ranks(): Sides {
  const [m, n] = [5 + draw(40), 5 + draw(40)];
  const spread = [3, 10, 100, 1_000_000][draw(4)]!;
  const shift = draw(1 + Math.floor(spread / 2));
  return { x: sample(m, spread, shift), y: sample(n, spread, 0) };
}

function ends(): Sides {
  const [m, n] = [5 + draw(6), 5 + draw(6)];
  return { x: sample(m, 40, draw(20)), y: sample(n, 40, 0) };
}

function fisher(): Table {
  const size = [10, 100, 10_000, 1_000_000][draw(4)]!;
  const [m, n] = [1 + draw(size), 1 + draw(size)];
  const share = [1, 20, 1000][draw(3)]!;
  const [a, b] = [draw(1 + Math.floor(m / share)), draw(1 + Math.floor(n / share))];
  return { x: { errors: a, requests: m }, y: { errors: b, requests: n } };
}

export const inputs = {
  ranks: Array.from({ length: 10_000 }, ranks),
  ends: Array.from({ length: 200 }, ends),
  fisher: Array.from({ length: 500 }, fisher),
};
