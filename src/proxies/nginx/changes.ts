import { BelayError } from '../../errors';
import type { ServerRef, Share } from '../proxy';
import { isSame, type Member, optionsFor, type Servers } from './list';

/** A change of a backend's servers: pure, and without effect where its end is there already. */
export type Change = (servers: Servers) => Servers;

/** The member has the address, out of traffic. A member in traffic keeps its own. */
export const staging =
  (ref: ServerRef, address: string): Change =>
  (servers) => {
    const found = servers.members.find(isSame(ref));
    if (found?.address === address) return servers;
    if (found?.state === 'ready') {
      throw refused(`${label(ref)} is in use at ${found.address}`, 'drain and remove it first');
    }
    const members = servers.members.filter((one) => one !== found);
    return { ...servers, members: [...members, { ...ref, address, state: 'drain', options: optionsFor(members) }] };
  };

export const admitting =
  (ref: ServerRef): Change =>
  (servers) => {
    if (!servers.members.some(isSame(ref))) throw refused(`${label(ref)} has no address`, 'stage it first');
    return withMember(servers, ref, ({ left: _, ...one }) => ({ ...one, state: 'ready' }));
  };

export const draining =
  (ref: ServerRef): Change =>
  (servers) =>
    withMember(servers, ref, (one) => ({ ...one, state: 'drain' }));

export const removing =
  (ref: ServerRef): Change =>
  (servers) => ({ ...servers, members: servers.members.filter((one) => !isSame(ref)(one)) });

export const weighing =
  (shares: Share[]): Change =>
  (servers) =>
    shares.reduce(
      (all, { weight, ...ref }) =>
        withMember(all, ref, ({ weight: _, ...one }) => ({ ...one, ...(weight !== undefined && { weight }) })),
      servers,
    );

export const choosing =
  (live: string): Change =>
  (servers) => ({ ...servers, live });

/** The members that went keep a note of the workers that may still hold requests of them. */
export const noting =
  (gone: Member[], left: number): Change =>
  (servers) => {
    const isGone = (one: Member) => gone.some((other) => isSame(one)(other) && other.address === one.address);
    return { ...servers, members: servers.members.map((one) => (isGone(one) ? { ...one, left } : one)) };
  };

const withMember = (servers: Servers, ref: ServerRef, change: (one: Member) => Member): Servers => ({
  ...servers,
  members: servers.members.map((one) => (isSame(ref)(one) ? change(one) : one)),
});

const label = ({ backend, server }: ServerRef): string => `${backend}/${server}`;

const refused = (message: string, hint: string): BelayError => new BelayError('proxy-refused', message, { hint });
