#!/bin/sh
# Resolve pyproject.toml anew. Needs uv; a CPU wheel of torch may be offered by UV_FIND_LINKS, and
# LOCK_OPTIONS="-c FILE" keeps what FILE pins.
without="torch triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti
nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand
nvidia-cusolver nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink
nvidia-nvshmem-cu13 nvidia-nvtx"
options=""
for name in $without; do options="$options --no-emit-package $name"; done
uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
  --no-header --quiet $options ${LOCK_OPTIONS:-} > requirements.lock.new || { rm requirements.lock.new; exit 1; }
{ sed -n '/^#/p;/^[^#]/q' requirements.lock
  sed '/^# The following packages were excluded/,$d' requirements.lock.new
} > requirements.lock.whole
mv requirements.lock.whole requirements.lock
rm requirements.lock.new
