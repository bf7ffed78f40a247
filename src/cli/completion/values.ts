/** Words that only the project and the host's ledger know. */
export const valueKinds = ['services', 'assignments', 'revisions', 'environments', 'platforms'] as const;
export type ValueKind = (typeof valueKinds)[number];

/** The kinds of values by option, in whatever verb. */
const byOption: Record<string, ValueKind> = {
  '--service': 'services',
  '--version': 'assignments',
  '--instances': 'assignments',
  '--to': 'revisions',
  '--env': 'environments',
  '--platform': 'platforms',
};

/** The same by the name of an argument. */
const byArgument: Record<string, ValueKind> = { service: 'services', name: 'services' };

export const valuesOfOption = (long: string): ValueKind | undefined => byOption[long];
export const valuesOfArgument = (name: string): ValueKind | undefined => byArgument[name];
