ARG BASE
FROM ${BASE} AS server
RUN groupadd --gid 1000 temporal && useradd --uid 1000 --gid 1000 --create-home temporal
COPY temporal-server* /usr/local/bin/
WORKDIR /etc/temporal
USER temporal

FROM ${BASE} AS admin-tools
RUN groupadd --gid 1000 temporal && useradd --uid 1000 --gid 1000 --create-home temporal
COPY temporal temporal-sql-tool* /usr/local/bin/
USER temporal

FROM ${BASE} AS ui
RUN groupadd --gid 5000 temporal && useradd --uid 5000 --gid 5000 temporal
COPY ui-server* /home/ui-server/
WORKDIR /home/ui-server
ENTRYPOINT ["/home/ui-server/ui-server"]
