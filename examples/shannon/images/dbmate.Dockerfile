FROM scratch
COPY . /
ENV PATH=/usr/local/bin:/usr/bin:/bin
