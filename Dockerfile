# The image of Belay. Without a command it is the worker; `docker run belay/worker doctor` is any other command of Belay.
ARG NODE_IMAGE=node:22.23.5-bookworm-slim
ARG DOCKER_IMAGE=docker:28.5.2-cli

FROM ${DOCKER_IMAGE} AS docker

FROM ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY src src
COPY activities activities
COPY workflows workflows
COPY scripts/*.ts scripts/
RUN npm run build && npm prune --omit=dev --no-audit --no-fund \
 # Native libraries of other machines.
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM ${NODE_IMAGE}
# Programs that the worker runs beside Node: the kernel's redirects, Docker's command line, Compose. The base has flock
# and nsenter already.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends iptables ca-certificates \
 && rm -rf /var/lib/apt/lists/*
COPY --from=docker /usr/local/bin/docker /usr/local/bin/docker
COPY --from=docker /usr/local/libexec/docker/cli-plugins/docker-compose /usr/local/libexec/docker/cli-plugins/docker-compose
WORKDIR /opt/belay
COPY --from=build /src/package.json /src/schema.json ./
COPY --from=build /src/node_modules node_modules
COPY --from=build /src/dist dist
RUN ln -s /opt/belay/dist/src/cli/main.js /usr/local/bin/belay
ENV NODE_ENV=production
# `belay doctor` finds the worker's container by this label.
LABEL belay.image=worker
ENTRYPOINT ["belay"]
CMD ["worker"]
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=1m CMD ["node", "/opt/belay/dist/src/worker/ask-health.js"]
