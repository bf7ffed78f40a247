import { BelayError } from '../../src/errors';
import type { Deps, StepInput, StepResult } from '../../src/host';
import type { RevisionConfiguration } from '../../src/hosts/revision';
import type { ConfigureStep } from '../../src/model/plan';
import { dotenv, openProject } from '../../src/project/project';
import { publicText, readProject, resolveService } from '../../src/project/resolve';
import { revisionTag } from '../../src/revisions/tags';
import { secretTexts } from '../../src/runtimes/docker/compose/contents';
import { createOptions } from '../../src/runtimes/docker/compose/create-options';
import { resourcesOf } from '../../src/runtimes/docker/compose/networks';
import { type Turn, takeTurn } from './turn';

/**
 * The revision's resolved configuration stands in the ledger, values and all, readable by its owner alone: from the files
 * as they are on the host now, or from an earlier revision. A rollback removes it.
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
      if (step.revision === 0) return { note: 'as Compose started it' };
      const configuration = step.kept === undefined ? await resolved(deps, input, turn) : await kept(deps, step, turn);
      await turn.effect('configure.resources', () => deps.runtime.ensure(configuration.resources));
      await turn.effect('configure.write', () => turn.ledger.configure(step.revision, configuration));
      return {};
    });

export type Configuration = RevisionConfiguration & {
  resources: ReturnType<typeof resourcesOf>;
  publicText: string;
  secrets: Record<string, string>;
};

async function resolved(
  deps: Deps,
  { step, source }: StepInput<ConfigureStep>,
  { ledger, token }: Turn,
): Promise<Configuration> {
  const { platform, service: name } = token;
  const pending = await ledger.revision(step.revision);
  const project = openProject(source!);
  const service = project.spec.services[name];
  if (!pending || !service) throw changed(name);
  const compose = await readProject(deps, project, { kept: true });
  const desired = await resolveService(deps, {
    name,
    service,
    project,
    compose,
    image: pending.desired.image,
    instances: pending.desired.instances,
    former: { ...pending.desired, fingerprint: step.fingerprint, own: undefined },
  });
  if (desired.fingerprint !== step.fingerprint) throw changed(name);
  const identity = {
    platform,
    service: name,
    revision: step.revision,
    instance: 0,
    fingerprint: step.fingerprint,
    release: token.owner.workflowId,
  };
  const image = revisionTag(platform, name, step.revision);
  return {
    create: createOptions({
      project: compose,
      identity,
      image,
      imageId: (await deps.runtime.pin(image)).digest,
      ports: {},
      stop: desired.stop,
      routed: desired.routes.length > 0,
    }),
    resources: resourcesOf(compose, [name]),
    publicText: publicText(project),
    secrets: {
      ...dotenv(project),
      ...compose.asked.values,
      ...(await secretTexts(compose, [name])),
    },
  };
}

/**
 * Gives the new revision's tag to the image of the earlier one. It is on the host, or was just pulled, so no registry
 * is asked.
 */
async function kept(deps: Deps, step: ConfigureStep, { ledger, token, effect, signal }: Turn): Promise<Configuration> {
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
  const tag = revisionTag(token.platform, token.service, step.revision);
  const own = revisionTag(token.platform, token.service, step.kept!);
  const isTagged = (await deps.runtime.tags(own)).includes(own);
  const image = isTagged ? await deps.runtime.pin(own) : former.desired.image;
  await effect('pull.image', () => deps.runtime.fetch({ image, tag, signal }));
  const configuration = former.configuration as Configuration;
  return { ...configuration, create: { ...configuration.create, Image: tag } };
}

function changed(service: string): BelayError {
  return new BelayError('config-changed', `${service}: its configuration has changed since the plan was made`, {
    hint: 'start the release again: the new plan shows what has changed',
  });
}
