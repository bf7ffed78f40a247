import type { Deps, StepInput } from '../../src/host';
import type { DesiredNeed } from '../../src/model/desired';
import type { PreflightStep } from '../../src/model/plan';
import { checkNeed, hostOf } from '../../src/probes';
import type { ProbeResult } from '../../src/probes/probe';
import { composeProject } from '../../src/project/compose-project';
import { desiredNeeds } from '../../src/project/desired-needs';
import { interpolatedTexts } from '../../src/project/interpolated';
import { openProject, type Project } from '../../src/project/project';
import { publicText, readProject } from '../../src/project/resolve';
import type { ComposeProject } from '../../src/runtimes/docker/compose/project';
import { formatDuration } from '../../src/spec/duration';
import type { Turn } from './turn';

const every = 500;
/** Longest time of one question, in milliseconds. */
const patience = 5_000;

/** What is missing of that which the service needs, and what is missing that it can do without. */
export async function askNeeds(
  deps: Deps,
  { step, source }: StepInput<PreflightStep>,
  turn: Turn,
): Promise<{ missing: string[]; note?: string }> {
  const { external: needs = [], service } = step;
  if (needs.length === 0) return { missing: [] };
  const project = openProject(source!);
  const compose = await readProject(deps, project, { hashes: false, kept: true });
  const texts = await textsOf(deps, { project, compose }, needs);
  const found = await Promise.all(
    needs.map((need, index) => waitFor(deps, { need, text: texts[index]!, service, compose }, turn)),
  );
  const said = found.flatMap((why, index) => (why === undefined ? [] : [{ ...needs[index]!, why }]));
  const notes = said.filter(({ required }) => !required).map(({ why }) => `${why}; it is not required`);
  return {
    missing: said.filter(({ required }) => required).map(({ why }) => why),
    note: notes.length > 0 ? notes.join('; ') : undefined,
  };
}

/** What a service needs, and what it says now. */
export interface NeedAnswer {
  service: string;
  need: DesiredNeed;
  answer: ProbeResult;
}

/** Each need of the spec's services, asked once from where a release asks. Changes nothing. */
export async function needsNow(deps: Pick<Deps, 'runtime' | 'masker'>, project: Project): Promise<NeedAnswer[]> {
  const all = Object.entries(project.spec.services).flatMap(([service, one]) =>
    desiredNeeds(one).map((need) => ({ service, need })),
  );
  if (all.length === 0) return [];
  const compose = await composeProject(project, { hashes: false });
  const needs = all.map(({ need }) => need);
  const texts = await textsOf(deps, { project, compose }, needs);
  const { signal } = new AbortController();
  return await Promise.all(
    all.map(async (one, index) => ({
      ...one,
      answer: await ask(deps, { ...one, text: texts[index]!, compose }, signal),
    })),
  );
}

/** With values in place of variables; they are masked from now on. */
async function textsOf(
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

/** Without a password that stands in the file. */
export const shown = ({ kind, text }: Pick<DesiredNeed, 'kind' | 'text'>): string =>
  `${kind} ${text.replace(/(:\/\/[^:/@\s]*:)(\S*)@/g, hidden).replace(/([?&]password=)([^&\s]*)/gi, hidden)}`;

const hidden = (whole: string, before: string, password: string): string =>
  /^\$\{?\w+\}?$/.test(password) ? whole : whole.replace(`${before}${password}`, `${before}***`);

interface Asked {
  need: DesiredNeed;
  /** With values in place of variables. */
  text: string;
  service: string;
  compose: ComposeProject;
}

/** Asks until it answers or the time is over; what is wrong with it then. */
async function waitFor(deps: Deps, asked: Asked, turn: Turn): Promise<string | undefined> {
  const { need, service } = asked;
  const began = turn.elapsed();
  const answer = await turn.until<ProbeResult>(every, async () => {
    const result = await ask(deps, asked, turn.signal);
    if (result.healthy || turn.elapsed() - began >= need.within) return result;
    turn.say(`waits for ${shown(need)}: ${result.why}`);
    return undefined;
  });
  if (answer.healthy) return undefined;
  return `${service} needs ${shown(need)}: ${answer.why}, for ${formatDuration(need.within)}`;
}

/** From where the service will stand: a name of its networks is not known on the host. */
async function ask({ runtime }: Pick<Deps, 'runtime'>, { need, text, service, compose }: Asked, signal: AbortSignal) {
  const { kind, status, within } = need;
  const host = hostOf({ kind, text });
  if (host === undefined) return { healthy: false as const, why: noAddress(need) };
  const networks = Object.keys(compose.services[service]?.networks ?? {}).map(
    (name) => compose.networks[name]?.name ?? name,
  );
  const isNeighbour = networks.length > 0 && compose.services[host] !== undefined;
  const address = isNeighbour ? await runtime.addressOf({ project: compose.name, service: host, networks }) : undefined;
  if (isNeighbour && !address) {
    return { healthy: false as const, why: `no container of it runs on a network of ${service}` };
  }
  return await checkNeed({ kind, text, status, address, timeout: Math.min(within, patience), signal });
}

function noAddress({ kind, text }: DesiredNeed): string {
  const names = [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name);
  return `is no address of ${kind}${names.length > 0 ? `: see ${[...new Set(names)].join(', ')} in the env file` : ''}`;
}
