import type { Deps } from '../host';
import type { DesiredNeed } from '../model/desired';
import { checkNeed, hostOf } from '../probes';
import type { ProbeResult } from '../probes/probe';
import { composeProject } from '../project/compose-project';
import { desiredNeeds } from '../project/desired-needs';
import { interpolatedTexts } from '../project/interpolated';
import type { Project } from '../project/project';
import { publicText } from '../project/resolve';
import type { ComposeProject } from '../runtimes/docker/compose/project';

/** Longest time of one check, in milliseconds. */
const patience = 5_000;

/** A need of a service, and its current answer. */
export interface NeedAnswer {
  service: string;
  need: DesiredNeed;
  answer: ProbeResult;
}

/** The answer of each need in the spec, checked once from where a release would check. Changes nothing. */
export async function needsNow(deps: Pick<Deps, 'runtime' | 'masker'>, project: Project): Promise<NeedAnswer[]> {
  const all = Object.entries(project.spec.services).flatMap(([service, one]) =>
    desiredNeeds(one).map((need) => ({ service, need })),
  );
  if (all.length === 0) return [];
  const compose = await composeProject(project, { hashes: false });
  const needs = all.map(({ need }) => need);
  const texts = await needTexts(deps, { project, compose }, needs);
  const { signal } = new AbortController();
  return await Promise.all(
    all.map(async (one, index) => ({
      ...one,
      answer: await askNeed(deps, { ...one, text: texts[index]!, compose }, signal),
    })),
  );
}

/** The needs' texts with values in place of variables. Adds those values to the masker. */
export async function needTexts(
  { masker }: Pick<Deps, 'masker'>,
  { project, compose }: { project: Project; compose: ComposeProject },
  needs: DesiredNeed[],
): Promise<string[]> {
  const texts = await interpolatedTexts(
    project,
    compose,
    needs.map(({ text }) => text),
  );
  masker.add(Object.fromEntries(texts.map((text, index) => [String(index), text])), publicText(project));
  return texts;
}

/** The need in words, without a password in its text. */
export const needText = ({ kind, text }: Pick<DesiredNeed, 'kind' | 'text'>): string =>
  `${kind} ${text.replace(/(:\/\/[^:/@\s]*:)(\S*)@/g, hidden).replace(/([?&]password=)([^&\s]*)/gi, hidden)}`;

const hidden = (whole: string, before: string, password: string): string =>
  /^\$\{?\w+\}?$/.test(password) ? whole : whole.replace(`${before}${password}`, `${before}***`);

export interface AskedNeed {
  need: DesiredNeed;
  /** Text with values in place of variables. */
  text: string;
  service: string;
  compose: ComposeProject;
}

/** Checks a need from the service's networks, as names there are unknown on the host. */
export async function askNeed(
  { runtime }: Pick<Deps, 'runtime'>,
  { need, text, service, compose }: AskedNeed,
  signal: AbortSignal,
) {
  const { kind, status, within } = need;
  const host = hostOf({ kind, text });
  if (host === undefined) return { healthy: false as const, why: noAddress(need) };
  const networks = Object.keys(compose.services[service]?.networks ?? {}).map(
    (name) => compose.networks[name]?.name ?? name,
  );
  const isNeighbour = networks.length > 0 && compose.services[host] !== undefined;
  const address = isNeighbour ? await runtime.addressOf({ project: compose.name, service: host, networks }) : undefined;
  if (isNeighbour && !address) {
    return { healthy: false as const, why: `none of its containers runs on a network of ${service}` };
  }
  return await checkNeed({ kind, text, status, address, timeout: Math.min(within, patience), signal });
}

function noAddress({ kind, text }: DesiredNeed): string {
  const names = [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name);
  return `is not an address of ${kind}${names.length > 0 ? `: see ${[...new Set(names)].join(', ')} in the env file` : ''}`;
}
