FROM scratch
COPY . /
COPY --chown=999:999 empty /var/run/postgresql
COPY --chown=999:999 empty /var/lib/postgresql/data
COPY --chown=999:999 empty /tmp
COPY entrypoint.sh /usr/local/bin/
ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/bin PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
USER 999:999
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["entrypoint.sh"]
CMD ["postgres"]
