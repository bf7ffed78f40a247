const verbs = {
  belay:
    'approve|backup|check|doctor|drill|drop|history|init|logs|migrate|plan|prune|ps|reject|release|restart|restore|resume|retry|rollback|pause|serve|set|skip|status|worker',
  'docker compose': 'build|config|down|exec|logs|ps|pull|restart|run|start|stop|up',
  docker: 'build|events|exec|inspect|logs|ps|pull|restart|rm|run|stop|top|update',
};
/** Options whose next word is their value, whatever it looks like. */
const valued = '--(?:env|format|host|platform|restart|service|step|strategy)|-[dp]';
const value = '(?!-)[^\\s,;:)`]+';
const option = `(?:(?:${valued})(?: ${value})?|(?:--[a-z][\\w-]*|-[a-z])(?:=${value}| (?=\\S*[=</]|\\d+\\b)${value})?)`;
const program = Object.entries(verbs)
  .map(([name, all]) => `${name} (?:${all})`)
  .join('|');
const command = new RegExp(`(?<![\\w./-])(?:(?:${program})\\b(?: ${option})*|${option}(?: ${option})*)(?![\\w-])`, 'g');

/**
 * Puts commands and options into backticks, and leaves what is in backticks already. Markdown would make a dash of the
 * `--` of an option. Pure.
 */
export const withCommands = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(command, '`$&`')))
    .join('');
