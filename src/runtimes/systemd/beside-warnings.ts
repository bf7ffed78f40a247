import type { KnownService } from './known';

/** Other units that a restart or a start of it reaches. Where they would stay stopped, the plan is refused. */
export function reachedToo({ unit, service, dependents: { restarted, conflicting } }: KnownService): string[] {
  const more =
    restarted.length > 0 && service.strategy.kind === 'in-place'
      ? [`a restart of ${unit} restarts ${restarted.join(', ')} too (Requires=, BindsTo= or PartOf=)`]
      : [];
  const ended = conflicting.length > 0 ? [`a start of ${unit} stops ${conflicting.join(', ')} (Conflicts=)`] : [];
  return [...more, ...ended];
}

/** A supervisor of containers may stop them with itself. */
export function dockersHost({ unit, state, unitText = '' }: KnownService): string[] {
  const engine = ['docker.service', 'docker.socket', 'containerd.service', 'podman.socket'];
  const required = engine.find(
    (one) => state.requires.includes(one) || new RegExp(`^(Requires|BindsTo)=.*${one}`, 'm').test(unitText),
  );
  const isMember = state.groups.includes('docker') || /^SupplementaryGroups=.*\bdocker\b/m.test(unitText);
  if (!required && !isMember) return [];
  const why = required ? `requires ${required}` : 'may use the Docker engine';
  return [`${unit} ${why}: it may stop containers when it stops; check ExecStop= and the program`];
}
