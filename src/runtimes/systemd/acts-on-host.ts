/** Directives by which systemd acts on the host, or counts starts, when a unit fails or ends; in any of its sections. */
export const actsOnHost =
  /^((Failure|Success)Action\w*|StartLimit\w+|RebootArgument|JobTimeout(Action|RebootArgument))$/;
