import { resolve } from 'node:path';
import { BelayError } from '../../../errors';
import { hostPaths } from '../../../hosts/home';
import { digestOfFiles, type OwnFiles } from '../../../hosts/own-files';
import type { Project } from '../../../project/project';
import { dockerServices } from '../../../spec/spec';
import type { ComposeProject } from '../compose/project';

interface WithOwnFiles {
  /** Its services mount the copies. */
  compose: ComposeProject;
  /** By service. */
  files: Record<string, OwnFiles[]>;
}

/**
 * The project whose services mount their own copies of `config` of the spec. A copy's path has its digest, so that a
 * change of content is a change of the service. Throws `input-invalid` for what is missing, or is mounted twice.
 */
export async function withOwnFiles(home: string, project: Project, compose: ComposeProject): Promise<WithOwnFiles> {
  const { platform, config: migrated = {} } = project.spec;
  const written = Object.keys(migrated).map((name) => resolve(project.folder, name));
  const services = { ...compose.services };
  const files: WithOwnFiles['files'] = {};
  for (const [service, { config = [] }] of Object.entries(dockerServices(project.spec))) {
    const there = services[service];
    if (!there || config.length === 0) continue;
    const own = await Promise.all(
      config.map(async ({ path, mount }) => {
        const from = resolve(project.folder, path);
        const inside = written.filter((one) => one.startsWith(`${from}/`));
        const files = { from, ...(inside.length > 0 && { written: inside }) };
        const digest = await digestOfFiles({ ...files, overlay: compose.overlay }).catch(saidAt(service));
        return { files: { ...files, digest }, target: mount };
      }),
    );
    const volumes = [...(there.volumes ?? [])];
    for (const { files, target } of own) {
      if (volumes.some((one) => one.target === target)) throw twice(service, target);
      const source = hostPaths(home).ownFiles({ platform, service }, files.digest);
      volumes.push({ type: 'bind', source, target, read_only: true, bind: {} });
    }
    services[service] = { ...there, volumes };
    files[service] = own.map((one) => one.files);
  }
  return { compose: { ...compose, services }, files };
}

const saidAt =
  (service: string) =>
  (error: unknown): never => {
    if (!(error instanceof BelayError)) throw error;
    const { code, message, hint } = error;
    throw new BelayError(code, `services.${service}.config: ${message}`, { hint, cause: error });
  };

const twice = (service: string, target: string): BelayError =>
  new BelayError('input-invalid', `services.${service}.config: ${target} is mounted twice`, {
    hint: 'take it out of config, or out of the volumes in the Compose file',
  });
