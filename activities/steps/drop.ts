import { join } from 'node:path';
import type { Deps, StepInput, StepResult } from '../../src/host';
import { drainsOf } from '../../src/hosts/drains';
import { readFence } from '../../src/hosts/fence';
import { listFolder, removeFile, removeFolder } from '../../src/hosts/file';
import { hostPaths } from '../../src/hosts/home';
import { leftoversOf } from '../../src/hosts/leftovers';
import type { DropStep } from '../../src/model/plan';
import { claimedBy, proxiesIn, unkeptProxyImages } from '../../src/observe/proxy-images';
import { allLogsOf } from '../../src/revisions/kept-revisions';
import { runtimesOnceIn } from '../../src/revisions/runtimes-in';
import { takeFrontAway } from './bring-front';
import { removeRun, stopRun } from './job-run';
import { type Turn, takeTurn } from './turn';

/** Removes a service's images, logs and ledger. Its fence goes too: the next release begins anew. */
export const drop =
  (deps: Deps) =>
  (input: StepInput<DropStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      // An earlier attempt has removed all of it.
      if ((await readFence({ home: deps.home, ...turn.token })).epoch === 0) return { note: 'was already removed' };
      for (const name of proxiesIn(await turn.ledger.revisions())) await takeFrontAway(deps, turn, name);
      const proxies = await unkeptProxyImages(deps, turn.token, await claimedBy(deps, turn.token));
      await endJobs(deps, turn);
      let [count, freed] = [proxies.length, 0];
      for (const { artifacts } of await runtimesOnceIn(deps, await turn.ledger.revisions())) {
        for (const { tag } of await artifacts.kept(turn.token)) {
          freed += await turn.effect('drop.image', () => artifacts.drop(tag));
          count += 1;
        }
      }
      for (const { tag } of proxies) freed += await turn.effect('drop.image', () => deps.engine.untag(tag));
      await turn.effect('drop.files', () => removeFiles(deps, turn));
      await turn.effect('drop.ledger', () => turn.ledger.remove());
      return { note: `artifacts removed: ${count}`, freed };
    });

/** A terminated release may have left a job that runs. An image cannot go before what uses it. */
async function endJobs(deps: Deps, turn: Turn): Promise<void> {
  const revisions = await turn.ledger.revisions();
  for (const runtime of await runtimesOnceIn(deps, revisions))
    for (const found of await runtime.observe({ ...turn.token, jobs: true })) {
      const instance = { ...found, job: found.job!, ports: {}, slots: [] };
      const stop = revisions.find(({ number }) => number === found.revision)?.desired.stop ?? { grace: 10_000 };
      if (found.state === 'running') await stopRun(deps, turn, { instance, found, stop });
      await removeRun(deps, turn, instance);
    }
}

async function removeFiles({ home }: Deps, { token, ledger }: Turn): Promise<void> {
  const paths = hostPaths(home);
  const written = await listFolder(paths.logs);
  const logs = allLogsOf(written, token, await ledger.revisions());
  const drains = await drainsOf({ home, ...token });
  const files = [
    paths.drill(token),
    ...logs.map((name) => join(paths.logs, name)),
    ...drains.map((name) => join(paths.drains, name)),
  ];
  const torn = (await leftoversOf({ home, ...token })).map((name) => join(home, name));
  await Promise.all([...files, ...torn].map(removeFile));
  await removeFolder(paths.restoresOf(token));
}
