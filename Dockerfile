# An image with Merit and nothing else. The command is static (.ci/release), so that there is no shell,
# no package and no user but one without rights. The project is mounted; the lake may lie in it or in a
# bucket.
#
#   docker build -t merit .
#   docker run --rm --read-only --tmpfs /tmp -v "$PWD/acme:/project" --env-file secrets.env merit run
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN .ci/release /out

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/merit /merit
COPY --from=build /out/LICENSE /LICENSE
ENV MERIT_PROJECT=/project TMPDIR=/tmp HOME=/tmp
USER 65532:65532
WORKDIR /project
ENTRYPOINT ["/merit"]
CMD ["run"]
