FROM scratch
COPY . /
COPY --chown=1000:1000 empty /home/temporal
COPY --chown=1000:1000 empty /tmp
# The server asks who runs it, and there is no /etc/passwd to say it.
ENV PATH=/usr/bin:/bin HOME=/home/temporal USER=temporal
WORKDIR /home/temporal
USER 1000:1000
EXPOSE 7233 8233
ENTRYPOINT ["temporal"]
