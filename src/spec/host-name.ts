/** Pattern of host names. A worker polls the task queue `belay-host-<name>`, and Temporal bounds its length. */
export const hostNamePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const hostNameSentence = 'takes lower-case letters, digits and hyphens, 63 at most';
