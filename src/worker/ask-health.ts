import { workerConfig } from './config';

/** Health check of a container: exit status 0 while its worker polls, else 1 with the problem. */
async function main(): Promise<void> {
  const { healthPort } = workerConfig(process.env);
  const response = await fetch(`http://127.0.0.1:${healthPort}/health`, { signal: AbortSignal.timeout(4_000) });
  process.stdout.write(await response.text());
  process.exitCode = response.ok ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stdout.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
