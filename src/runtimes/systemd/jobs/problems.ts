import type { SourceFacts } from '../../runtime';
import type { KnownService } from '../known';
import { valueOf } from '../unit-lines';
import { dynamicUser, isDynamic, isUserName } from './taken-over';

type Problem = SourceFacts['problems'][number];

/** Obstacles to jobs in the unit of their service. Pure. */
export function jobProblems({ service: { jobs }, unit, lines }: KnownService): Problem[] {
  if (jobs.length === 0) return [];
  const root = ['RootDirectory', 'RootImage'].find((name) => (valueOf(lines, name) ?? '/') !== '/');
  return [
    ...(root
      ? [
          {
            why: `${unit} has ${root}=, and its jobs would not see the new files at artifact.install`,
            hint: 'leave jobs out, and run them before you start the release',
          },
        ]
      : []),
    ...(isDynamic(lines) && !isUserName(dynamicUser(unit))
      ? [
          {
            why: `${unit} has DynamicUser= without User=, and its name is not that of a user: its jobs would run as another one`,
            hint: 'write User= into it, such as User=shop',
          },
        ]
      : []),
  ];
}
