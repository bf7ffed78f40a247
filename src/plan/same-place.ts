import type { Front } from '../model/desired';

/**
 * True if managed proxies stay in their containers, so that the service's names keep their addresses. Published ports
 * and network names cannot change during a container's life.
 */
export const isSamePlace = (before: Front[] = [], after: Front[] = []): boolean =>
  after.length > 0 &&
  after.every((front) => {
    const former = before.find(({ proxy }) => proxy === front.proxy);
    return former !== undefined && published(former) === published(front) && hasSameNames(former, front);
  });

const published = ({ routes }: Front): string =>
  JSON.stringify(
    routes
      .flatMap(({ port, hostPort, hostAddress = [] }) =>
        hostPort ? [[port, hostPort, ...[hostAddress].flat().sort()]] : [],
      )
      .sort(),
  );

/** Compares names on shared networks only: a running container can join and leave others. */
function hasSameNames(former: Front, front: Front): boolean {
  const [before, after] = [namesOf(former), namesOf(front)];
  return Object.keys(after).every((network) => !before[network] || before[network] === after[network]);
}

const namesOf = ({ routes }: Front): Record<string, string> =>
  Object.fromEntries(
    routes.flatMap(({ networks }) => Object.entries(networks).map(([network, names]) => [network, names.join()])),
  );
