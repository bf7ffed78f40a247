import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { RevisionConfiguration } from '../../src/hosts/revision';
import { openReleased } from '../../src/migration/released';
import type { ConfigureStep } from '../../src/model/plan';
import { examplesOf } from '../../src/resolve/example';
import { resolveService } from '../../src/resolve/resolve';
import { sourcesOf } from '../../src/resolve/sources';
import type { Runtime, Template, TemplateParts } from '../../src/runtimes/runtime';
import { type Turn, takeTurn } from './turn';

/**
 * The revision's resolved configuration stands in the ledger, values and all, readable by its owner alone. It comes
 * from the files as they are on the host now, or from an earlier revision. A rollback removes it.
 */
export const configure =
  (deps: Deps) =>
  (input: StepInput<ConfigureStep>): Promise<StepResult> =>
    takeTurn(deps, input, async (turn) => {
      const { step } = input;
      if (step.remove) {
        await turn.effect('configure.remove', () => turn.ledger.removeConfiguration(step.revision));
        return {};
      }
      if (step.revision === 0) return { note: 'as it was before Belay' };
      const configuration = step.kept === undefined ? await resolved(deps, input, turn) : await kept(step, turn);
      await turn.effect('configure.resources', () => turn.runtime.ensure(configuration));
      await turn.effect('configure.write', () => turn.ledger.configure(step.revision, configuration));
      return {};
    });

export type Configuration = RevisionConfiguration &
  Pick<TemplateParts, 'resources' | 'secrets' | 'files'> & { publicText: string; base?: Template };

async function resolved(
  deps: Deps,
  { step, source }: StepInput<ConfigureStep>,
  { ledger, token, runtime }: Turn,
): Promise<Configuration> {
  const { platform, service: name } = token;
  const pending = await ledger.revision(step.revision);
  const { project, sources } = await sourcesOf(deps, name, {
    project: (await openReleased(source!, examplesOf(deps, source!))).project,
    kept: true,
  });
  const service = project.spec.services[name];
  if (!pending || !service) throw changed(name);
  const { artifact, instances } = pending.desired;
  const former = { ...pending.desired, fingerprint: step.fingerprint, own: undefined };
  const { capabilities } = runtime;
  const asked = { name, service, project, capabilities, sources, artifact, instances, former };
  const desired = await resolveService(deps, asked);
  if (desired.fingerprint !== step.fingerprint) throw changed(name);
  const identity = {
    platform,
    service: name,
    revision: step.revision,
    instance: 0,
    fingerprint: step.fingerprint,
    release: token.owner.workflowId,
  };
  const parts = await sources.template(name, {
    identity,
    artifact,
    stop: desired.stop,
    routed: desired.routes.length > 0,
  });
  return overridden({ ...parts, publicText: sources.publicText }, step, runtime);
}

/** Keeps the artifact of the earlier revision for the new one too. The host has it, so its source is not asked. */
async function kept(step: ConfigureStep, { ledger, token, effect, signal, runtime }: Turn): Promise<Configuration> {
  const former = await ledger.revision(step.kept!);
  if (!former?.configuration) {
    throw new BelayError(
      'revision-unknown',
      `${token.service}: the configuration of revision ${step.kept} is no longer on this host`,
      {
        hint: 'release the version that should run',
      },
    );
  }
  const [from, to] = [step.kept!, step.revision].map((revision) => ({ ...token, revision }));
  const artifact = former.desired.artifact;
  await effect('pull.image', () => runtime.artifacts.carry({ artifact, from: from!, to: to!, signal }));
  const { base, create, ...configuration } = former.configuration as Configuration;
  return overridden({ ...configuration, create: runtime.sources.again(base ?? create, to!) }, step, runtime);
}

/** Keeps the template without the variables of `belay set` too, so that they can be given back. */
function overridden(
  configuration: Configuration,
  { overrides, service }: ConfigureStep,
  { sources, kind }: Runtime,
): Configuration {
  if (!overrides) return configuration;
  const { create } = configuration;
  if (!sources.withVariables) throw new BelayError('not-built', `${service}: ${kind} has no variables to set`);
  return { ...configuration, base: create, create: sources.withVariables(create, overrides) };
}

function changed(service: string): BelayError {
  return new BelayError('config-changed', `${service}: its configuration has changed since the plan was made`, {
    hint: 'start the release again: the new plan shows what has changed',
  });
}
