import { type Evidence, endText, type Verdict, verdictLine, verdictOf, writeDrill } from '../../src/drill';
import { performDrill } from '../../src/drill/live';
import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import { openReleased } from '../../src/migration/released';
import { artifactRef } from '../../src/model/artifact';
import { drillInstanceName } from '../../src/model/instance-name';
import type { DrillStep } from '../../src/model/plan';
import { targetOf } from '../../src/probes/target';
import { examplesOf } from '../../src/resolve/example';
import { sourcesOf } from '../../src/resolve/sources';
import type { SharedParts, Template } from '../../src/runtimes/runtime';
import { askedPort } from '../../src/spec/checks';
import { waysInto } from './probe';
import { templateOf } from './template';
import { type Turn, takeTurn } from './turn';

/**
 * Stops an instance of the service that no client finds, several times, and keeps the verdict on the host. The instance
 * is gone afterwards, also one that a killed worker left. Throws `drill-failed` for a shutdown that does not pass.
 */
export const drill =
  (deps: Deps) =>
  (input: StepInput<DrillStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { step, by } = input;
      const { service, owner } = turn.token;
      const label = `${input.platform}/${service}`;
      if (step.remove) {
        const left = await turn.effect('drill.remove', () => clear(deps, turn, label));
        return left.length > 0 ? { note: left.join('; ') } : {};
      }
      const { evidence, left } = await turn.effect('drill.run', () => rehearse(deps, input, { turn, label }));
      const verdict = verdictOf(evidence);
      const record = { service, at: new Date().toISOString(), by, release: owner.workflowId, ...verdict };
      await turn.effect('drill.keep', () =>
        writeDrill(deps.home, turn.token, { ...record, artifact: artifactRef(step.image) }),
      );
      if (verdict.verdict === 'fail') throw failed(service, verdict, left);
      return { note: [verdictLine(verdict), ...left].join('; ') };
    });

function failed(service: string, verdict: Verdict, left: string[]): BelayError {
  const { findings, risk, score } = verdict;
  const ids = findings.map(({ id }) => id).join(', ');
  const more = [...findings.slice(0, 1).map(({ text }) => text), ...left].map((text) => `; ${text}`).join('');
  const line = `${endText(verdict)}, risk ${risk} (${score}): ${ids}`;
  return new BelayError('drill-failed', `the shutdown of ${service} failed its drill: ${line}${more}`, {
    hint: findings[0]?.fix,
  });
}

/** The revision of a drill by the files: no release gets so far. */
const drilled = 1_000_000;

async function rehearse(
  deps: Deps,
  input: StepInput<DrillStep>,
  { turn, label }: { turn: Turn; label: string },
): Promise<{ evidence: Evidence; left: string[] }> {
  const { masker } = deps;
  const { scenario, image, runtime } = input.step;
  const drills = deps.drillsOf(runtime);
  const name = drillInstanceName(turn.token);
  const left = await drills.sweep(label);
  const run = async () => {
    const parts = await templateFor(deps, input, turn);
    const { ports, hostPorts } = scenario;
    await drills.create({ name, owner: label, ...parts, artifact: image, ports, ...(hostPorts && { hostPorts }) });
    return await performDrill({
      drills,
      name,
      scenario,
      check: (view, check, host) => {
        const target = targetOf(view.instance, askedPort(check), host === undefined ? undefined : true);
        return deps.probe({
          ...target,
          ...waysInto(deps, drills, { ...turn.token, name }),
          check,
          signal: turn.signal,
        });
      },
      mask: (text) => masker.mask(text),
      say: (note) => turn.say(note),
      signal: turn.signal,
    });
  };
  const evidence = await run().finally(async () => left.push(...(await clear(deps, turn, label))));
  return { evidence, left };
}

/** Ensures that nothing of a drill is left, but what it returns in words. */
async function clear(deps: Deps, { runtime: { artifacts, kind }, token }: Turn, label: string): Promise<string[]> {
  const left = await deps.drillsOf(kind).sweep(label);
  const kept = await artifacts.kept(token);
  for (const { tag, revision } of kept) if (revision === drilled) await artifacts.drop(tag);
  return left;
}

/** Returns the configuration of the revision, or what the files resolve to, as a release would. */
async function templateFor(
  deps: Deps,
  { step, source }: StepInput<DrillStep>,
  { ledger, token, runtime, signal }: Turn,
): Promise<{ template: Template; resources?: SharedParts }> {
  const { image, revision } = step;
  const { platform, service: name, owner } = token;
  if (revision !== undefined) {
    await runtime.artifacts.fetch({ artifact: image, signal });
    return { template: templateOf(token, revision, await ledger.revision(revision)) };
  }
  // A template goes by the image that is kept for its revision.
  await runtime.artifacts.fetch({ artifact: image, keep: { platform, service: name, revision: drilled }, signal });
  const { project } = await openReleased(source!, examplesOf(deps, source!));
  const { sources } = await sourcesOf(deps, name, { project });
  const identity = {
    platform,
    service: name,
    revision: drilled,
    instance: 0,
    fingerprint: '',
    release: owner.workflowId,
  };
  const parts = await sources.template(name, { identity, artifact: image, stop: step.scenario.stop, routed: false });
  const publicText = [sources.publicText, platform, name, artifactRef(image)].join('\n');
  deps.masker.add({ ...runtime.read(parts.create).environment, ...parts.secrets }, publicText);
  return { template: parts.create, resources: parts.resources };
}
