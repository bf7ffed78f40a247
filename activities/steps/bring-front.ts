import type { Deps, StepResult } from '../../src/host';
import { LEADS_NOBODY, type Redirect, type RedirectKey } from '../../src/hosts/redirect';
import type { Front } from '../../src/model/desired';
import { growing } from './rhythm';
import type { Turn } from './turn';

type World = Pick<Deps, 'fronts'>;

/** How long a proxy that was replaced may finish what it holds where the step does not say, in milliseconds. */
const patience = 10_000;
/** The most milliseconds between looks. */
const most = 500;

/**
 * The proxy serves as the front says, and new connections are led as it says. Where one container takes the place of
 * another, both serve while connections are led from the one to the other. Then the former takes nothing new, and is
 * waited for within `drain` milliseconds. The wait is no effect: it holds no lock, and a cancellation ends it.
 */
export async function bringFront(
  { fronts }: World,
  turn: Turn,
  { front, drain = patience }: { front: Front; drain?: number },
): Promise<StepResult> {
  const { platform, service } = turn.token;
  const key = { platform, proxy: front.proxy, service };
  const wanted = redirectsOf(front);
  // What a step has left that was ended in the middle may have the ports that are to be had now.
  await waitForFormer({ fronts }, turn, { key, drain });
  const done = await turn.effect('proxy.ensure', () => fronts.ensure({ platform, front, phase: 'beside' }));
  // Asked only now: what a new container is reached by stands in the rules.
  const isLed = await fronts.redirects.hold(key, wanted);
  if (!isLed) await turn.effect('proxy.redirect', () => fronts.redirects.seek(key, [...wanted, LEADS_NOBODY]));
  if (done.former) {
    await turn.effect('proxy.leave', () => fronts.dismiss({ platform, front }));
    await waitForFormer({ fronts }, turn, { key, drain });
    await turn.effect('proxy.ensure', () => fronts.ensure({ platform, front, drain: 0 }));
  }
  if (!isLed) await forget({ fronts }, turn, { key, wanted });
  return noteOf(done);
}

/** The proxy serves the service no more, and no connection is led to it. */
export async function takeFrontAway({ fronts }: World, turn: Turn, proxy: string): Promise<void> {
  const { platform, service } = turn.token;
  const key = { platform, proxy, service };
  const led = !(await fronts.redirects.hold(key, []));
  if (led) await turn.effect('proxy.redirect', () => fronts.redirects.seek(key, [LEADS_NOBODY]));
  await turn.effect('proxy.remove', () => fronts.remove(key));
  if (led) await forget({ fronts }, turn, { key, wanted: [] });
}

/** Those who were dismissed have ended, or have had their time: since they were, whoever has done it. */
const waitForFormer = (
  { fronts }: World,
  turn: Turn,
  { key, drain }: { key: RedirectKey; drain: number },
): Promise<true> =>
  turn.until(growing(most), async () => {
    const all = await fronts.leavingSince(key);
    if (all.every((since) => Date.now() - since >= drain)) return true;
    turn.say('the former proxy finishes what it holds');
    return undefined;
  });

/** Those who were led elsewhere have finished. */
const forget = (
  { fronts }: World,
  turn: Turn,
  { key, wanted }: { key: RedirectKey; wanted: Redirect[] },
): Promise<void> => turn.effect('proxy.forget', () => fronts.redirects.seek(key, wanted));

const redirectsOf = ({ routes }: Front): Redirect[] =>
  routes.flatMap(({ redirectFrom: port, hostPort: to, hostAddress = [] }): Redirect[] => {
    if (port === undefined || to === undefined) return [];
    const addresses = [hostAddress].flat();
    return addresses.length > 0 ? addresses.map((address) => ({ port, to, address })) : [{ port, to }];
  });

const noteOf = ({ changed, gap }: { changed: string; gap?: true }): StepResult => ({
  note: gap ? `${changed}; its published port refused connections for a moment` : changed,
});
