FROM scratch
COPY . /
COPY --chown=1000:1000 empty /home/temporal
COPY --chown=1000:1000 empty /tmp
ENV PATH=/usr/bin:/bin HOME=/home/temporal
WORKDIR /home/temporal
USER 1000:1000
EXPOSE 7233 8233
ENTRYPOINT ["temporal"]
