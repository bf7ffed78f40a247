import type { Deps, StepResult } from '../../src/host';
import { LEADS_NOBODY, type Redirect, type RedirectKey } from '../../src/hosts/redirect';
import type { Front } from '../../src/model/desired';
import { growing } from './rhythm';
import type { Turn } from './turn';

type World = Pick<Deps, 'fronts'>;

/** Milliseconds that a replaced proxy has to finish its connections, if the step does not say. */
const patience = 10_000;
/** Longest pause between looks, in milliseconds. */
const most = 500;

/**
 * Ensures that the proxy serves as the front says, and that new connections are led there. When a container replaces
 * another, both serve while the redirect moves. Then the former one accepts no new connections, and has `drain`
 * milliseconds to finish. The wait is no effect: it holds no lock, and a cancellation ends it.
 */
export async function ensureFront(
  { fronts }: World,
  turn: Turn,
  { front, drain = patience }: { front: Front; drain?: number },
): Promise<StepResult> {
  const { platform, service } = turn.token;
  const key = { platform, proxy: front.proxy, service };
  const wanted = redirectsOf(front);
  // A step that was interrupted may have left a container on the needed ports.
  await waitForFormer({ fronts }, turn, { key, drain });
  const done = await turn.effect('proxy.ensure', () => fronts.ensure({ platform, front, phase: 'beside' }));
  // The rules contain the new container's address, so look only now.
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

/** Ensures that the proxy no longer serves the service, and that no connection is led to it. */
export async function takeFrontAway({ fronts }: World, turn: Turn, proxy: string): Promise<void> {
  const { platform, service } = turn.token;
  const key = { platform, proxy, service };
  const led = !(await fronts.redirects.hold(key, []));
  if (led) await turn.effect('proxy.redirect', () => fronts.redirects.seek(key, [LEADS_NOBODY]));
  await turn.effect('proxy.remove', () => fronts.remove(key));
  if (led) await forget({ fronts }, turn, { key, wanted: [] });
}

/**
 * Waits until dismissed proxies have ended, or their time since the dismissal is over, whichever step dismissed them.
 */
const waitForFormer = (
  { fronts }: World,
  turn: Turn,
  { key, drain }: { key: RedirectKey; drain: number },
): Promise<true> =>
  turn.until(growing(most), async () => {
    const all = await fronts.leavingSince(key);
    if (all.every((since) => Date.now() - since >= drain)) return true;
    turn.say('the former proxy finishes its requests');
    return undefined;
  });

/** Waits until redirected connections have finished. */
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
