FROM scratch
COPY . /
COPY --chown=999:999 empty /data
ENV PATH=/usr/bin:/bin
WORKDIR /data
VOLUME /data
USER 999:999
EXPOSE 6379
CMD ["redis-server"]
