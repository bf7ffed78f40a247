FROM scratch
COPY . /
COPY --chown=999:999 empty /run/mysqld
COPY --chown=999:999 empty /var/lib/mysql
COPY --chown=999:999 empty /tmp
COPY entrypoint.sh /usr/local/bin/
ENV PATH=/usr/sbin:/usr/bin:/usr/local/bin:/bin
VOLUME /var/lib/mysql
USER 999:999
EXPOSE 3306
ENTRYPOINT ["entrypoint.sh"]
CMD ["mariadbd"]
