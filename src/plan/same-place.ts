import type { Front } from '../model/desired';

/**
 * Whether proxies that Belay runs stay in the containers that they are in. Then the service's names lead to the same
 * addresses. Published ports, and the names on a network, stand fast for as long as a container lives.
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

/** On networks of both: another network is joined or left while it runs. */
function hasSameNames(former: Front, front: Front): boolean {
  const [before, after] = [namesOf(former), namesOf(front)];
  return Object.keys(after).every((network) => !before[network] || before[network] === after[network]);
}

const namesOf = ({ routes }: Front): Record<string, string> =>
  Object.fromEntries(
    routes.flatMap(({ networks }) => Object.entries(networks).map(([network, names]) => [network, names.join()])),
  );
