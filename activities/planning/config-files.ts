import { join } from 'node:path';
import { specWays } from '../../src/config/ways';
import { asBelayError, BelayError } from '../../src/errors';
import { openFile } from '../../src/migration/open';
import { migrated } from '../../src/migration/outcome';
import type { Project } from '../../src/project/project';
import type { ConfigFile } from '../../src/spec/config';

/**
 * Compares the configuration files of the spec with the examples of the version to release. Returns a warning for each
 * that `belay migrate` would change. Throws `preflight-failed` where a key needs a decision first.
 */
export async function configWarnings(project: Project): Promise<string[]> {
  const files = Object.entries(project.spec.config ?? {});
  const looks = await Promise.all(files.map(([name, rules]) => lookAt(project, name, rules)));
  const open = looks.flatMap(({ open }) => open);
  if (open.length > 0)
    throw new BelayError('preflight-failed', open.join('; '), {
      hint: 'belay migrate, in the folder on the host, shows each with its ways out',
    });
  return looks.flatMap(({ warnings }) => warnings);
}

interface Look {
  open: string[];
  warnings: string[];
}

async function lookAt({ folder, spec, files }: Project, name: string, rules: ConfigFile): Promise<Look> {
  const asked = { name, path: join(folder, name), folder, rules, ways: specWays, compose: spec.compose, sent: files };
  const opened = await openFile(asked, { cwd: folder, env: process.env }).catch(asBelayError);
  // A secret that only the operator's shell has, or an example that is not on this host.
  if (opened instanceof BelayError)
    return { open: [], warnings: [`${opened.message}: ${name} was not compared with ${rules.from}`] };
  const { outcome } = migrated(opened, folder);
  const keysOf = (isMeant: (action: string) => boolean): string =>
    [...new Set(outcome.findings.filter(({ action }) => isMeant(action)).map(({ key }) => key))].join(', ');
  if (outcome.refused)
    return { open: [`${name}: ${keysOf((one) => one === 'decide')}: needs a decision`], warnings: [] };
  if (!outcome.changes) return { open: [], warnings: [] };
  const keys = keysOf((one) => one !== 'none');
  return {
    open: [],
    warnings: [`${name} is not at ${rules.from} yet (${keys}): belay migrate --write takes it there`],
  };
}
