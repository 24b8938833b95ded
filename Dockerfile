# packages/image makes the image of releases, which has the same configuration, without a container engine.
FROM docker.io/library/golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/ivschat-local ./cmd/ivschat-local \
 && mkdir -p -m 777 /volume/data

FROM scratch
COPY --from=build /out/ivschat-local /ivschat-local
# Everyone may write to /data, so that a new volume also works with another --user. Its mode is only copied with its
# parent.
COPY --from=build --chown=65532:65532 /volume/ /
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY LICENSE THIRD_PARTY_NOTICES /licenses/
USER 65532:65532
# Listens on all interfaces of the container. docker run decides on which of the host's it is published.
ENV IVSCHAT_LISTEN=0.0.0.0:4700 IVSCHAT_DATA=/data
EXPOSE 4700
VOLUME /data
# Process 1 is the emulator, or an init process with its arguments, which may have another --listen. Images in
# the OCI format have no health check, so builders of this format ignore it.
HEALTHCHECK --interval=5s --timeout=3s --start-period=2s CMD ["/ivschat-local", "health", "--process", "1"]
ENTRYPOINT ["/ivschat-local"]
