import type Docker from 'dockerode';
import type { Program, ProgramEnd } from '../runtime';
import { type ExecEnd, exec } from './exec';
import { lastLines } from './last-lines';

/** Bytes of standard output that are kept. */
const mostOutput = 4096;

/** As `Runtime.run`. */
export async function run(docker: Docker, container: string, { argv, signal }: Program): Promise<ProgramEnd> {
  const output = lastLines(mostOutput);
  let failed: ExecEnd | undefined;
  const failure = (end: ExecEnd) => {
    failed = end;
    return new Error(`${argv[0]} ended with ${end.code}`);
  };
  try {
    for await (const piece of exec(docker, { container, argv, signal, failure })) output.add(piece);
  } catch (error) {
    if (!failed) throw error;
  }
  return { code: failed?.code ?? 0, output: failed?.errors || output.text() };
}
