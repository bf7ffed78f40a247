import type { Containers } from '../runtimes/docker/containers';
import type { Backup, BackupKindName } from '../spec/backups';
import type { Manifest, Verification } from './manifest';
import { putManifest, type ReadRequest, readBackup, whole } from './pipeline';
import { assertReachable, loadBackup } from './point-in-time';
import { type Scratch, untilReady, withScratch } from './scratch';
import type { Answer } from './source';
import { kindIn } from './sources';
import { existingContainer } from './sources/tool';

export interface VerifyRequest extends ReadRequest {
  containers: Containers;
  backup: Pick<Backup, BackupKindName>;
  /** The live container: the scratch instance gets its image, and the names of its users. */
  container: string;
  /** The question to the restored data; the kind's own where absent. */
  query?: string;
  /** As for a restore. The log comes from later backups alone, as the live archive may be lost. */
  until?: string;
}

/**
 * Restores a backup into a scratch instance, asks it, and notes the answer in the manifest. The live instance is not
 * touched. Returns the manifest, with the first value of the answer: that one is not noted in the open beside encrypted
 * data.
 */
export async function verifyBackup(request: VerifyRequest): Promise<Manifest> {
  const { store, manifest } = request;
  return await whole(request.signal, async (signal) => {
    const began = performance.now();
    const { rows, first } = await answerOf({ ...request, signal });
    const seconds = Math.round(performance.now() - began) / 1000;
    const verified: Verification = {
      at: new Date().toISOString(),
      seconds,
      rows,
      ...(first !== undefined && { first }),
      ...(request.until !== undefined && { until: request.until }),
    };
    const noted = manifest.recipients.length > 0 ? { ...verified, first: undefined } : verified;
    await putManifest(store, { ...manifest, verified: noted }, signal);
    return { ...manifest, verified };
  });
}

async function answerOf(request: VerifyRequest): Promise<Answer> {
  const { containers, manifest, backup, container } = request;
  const { kind, asked } = kindIn(backup);
  if ('inspect' in kind) return await kind.inspect(readBackup(request));
  const live = await existingContainer({ containers, container });
  const scratch = kind.scratch(asked, live.environment);
  const { platform, service, id } = manifest;
  const name = `belay-verify-${platform}-${service}-${id.toLowerCase()}`;
  const use = () => restored(request, scratch, name);
  return await withScratch(
    { containers, name, owner: `${platform}/${service}`, image: live.image, options: scratch.options },
    use,
  );
}

async function restored(request: VerifyRequest, scratch: Scratch<unknown>, container: string): Promise<Answer> {
  const { containers, signal, query, until, manifest } = request;
  const place = { containers, container, password: scratch.password };
  const source = kindIn(request.backup).kind.open(scratch.asked, place);
  assertReachable(source, manifest, until);
  const isFirst = source.restores === 'stopped';
  const start = async () => {
    if (!scratch.isReady) return;
    await containers.start(container);
    await untilReady(scratch, place, signal);
  };
  const load = () => loadBackup({ ...request, source, scratch: true });
  for (const act of isFirst ? [load, start] : [start, load]) await act();
  return await source.ask(query, signal);
}
