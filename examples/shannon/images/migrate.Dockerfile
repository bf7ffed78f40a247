# The migrations of a version and of all before it, for dbmate. DBMATE_IMAGE has to bring dbmate and sh.
ARG DBMATE_IMAGE
FROM ${DBMATE_IMAGE}
ARG VERSION
ARG FOLDERS
COPY . /migrations
ENV DBMATE_MIGRATIONS_DIR=${FOLDERS} OWN_MIGRATIONS=/migrations/${VERSION} DBMATE_NO_DUMP_SCHEMA=true DBMATE_WAIT=true
ENTRYPOINT []
CMD ["dbmate", "migrate"]
