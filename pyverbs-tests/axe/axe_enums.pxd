# SPDX-License-Identifier: (GPL-2.0 OR Linux-OpenIB)

#cython: language_level=3


cdef extern from 'infiniband/axedv.h':

    cpdef enum:
        AXEDV_SEND_LINK

    cpdef enum:
        AXEDV_QP_INIT_ATTR_MODE
        AXEDV_QP_INIT_ATTR_FLAGS
        AXEDV_QP_INIT_ATTR_LANES
        AXEDV_QP_INIT_ATTR_POLL_USECS
        AXEDV_QP_INIT_ATTR_ENGINE
        AXEDV_QP_INIT_ATTR_OFFLOAD

    cpdef enum:
        AXE_QUEUE_AUTO
        AXE_QUEUE_INLINE
        AXE_QUEUE_WORKER
        AXE_QUEUE_POLL

    cpdef enum:
        AXE_QUEUE_UNORDERED

    cpdef enum:
        AXE_OFFLOAD_AUTO
        AXE_OFFLOAD_NEVER
        AXE_OFFLOAD_ONLY

    cpdef enum:
        AXE_OP_NOP
        AXE_OP_COPY
        AXE_OP_FILL
        AXE_OP_COMPARE
        AXE_OP_CRC32
        AXE_OP_CRC32C
        AXE_OP_COMPRESS
        AXE_OP_DECOMPRESS
        AXE_OP_SCAN
        AXE_OP_SELECT
        AXE_OP_EXPAND
        AXE_OP_EXTRACT
        AXE_OP_XOR
        AXE_OP_XOR_CHECK
        AXE_OP_PQ_GENERATE
        AXE_OP_PQ_CHECK
        AXE_OP_PQ_RECOVER
        AXE_OP_ERASURE
        AXE_OP_RS_ENCODE
        AXE_OP_RS_RECOVER
        AXE_OP_CRC64
        AXE_OP_CRC16_T10
        AXE_OP_ADLER32
        AXE_OP_XXH64
        AXE_OP_COPY_CRC
        AXE_OP_CRC_COMBINE
        AXE_OP_CHAIN
        AXE_OP_MATMUL_I8
        AXE_OP_KNN_I8
        AXE_OP_DUALCAST
        AXE_OP_COMPARE_PATTERN
        AXE_OP_DELTA_CREATE
        AXE_OP_DELTA_APPLY
        AXE_OP_GATHER
        AXE_OP_SCATTER
        AXE_OP_DIF_INSERT
        AXE_OP_DIF_VERIFY
        AXE_OP_DIF_STRIP
        AXE_OP_DIF_UPDATE
        AXE_OP_DIX_INSERT
        AXE_OP_DIX_VERIFY
        AXE_OP_ENCRYPT
        AXE_OP_DECRYPT
        AXE_OP_SEAL
        AXE_OP_OPEN
        AXE_OP_LZ4_COMPRESS
        AXE_OP_LZ4_DECOMPRESS
        AXE_OP_ZSTD_COMPRESS
        AXE_OP_ZSTD_DECOMPRESS
        AXE_OP_HASH
        AXE_OP_MAC
        AXE_OP_MAC_VERIFY
        AXE_OP_ESP_SEAL
        AXE_OP_ESP_OPEN
        AXE_OP_RSA_PUBLIC
        AXE_OP_RSA_PRIVATE
        AXE_OP_SIGN
        AXE_OP_VERIFY
        AXE_OP_AGREE
        AXE_OP_PUBLIC_KEY
        AXE_OP_XXH32
        AXE_OP_MAX

    cpdef enum:
        AXE_CMD_SIGNALED
        AXE_CMD_SOLICITED
        AXE_CMD_FENCE
        AXE_CMD_LINK
        AXE_CMD_RESULT
        AXE_CMD_SEND

    cpdef enum:
        AXE_SUM_CRC32
        AXE_SUM_CRC32C
        AXE_SUM_CRC64
        AXE_SUM_CRC16_T10
        AXE_SUM_ADLER32

    cpdef enum:
        AXE_DIF_CHECK_GUARD
        AXE_DIF_CHECK_APP
        AXE_DIF_CHECK_REF
        AXE_DIF_GUARD_IP
        AXE_DIF_KEEP_GUARD
        AXE_DIF_KEEP_REF

    cpdef enum:
        AXE_FORMAT_RAW
        AXE_FORMAT_ZLIB
        AXE_FORMAT_GZIP

    cpdef enum:
        AXE_DEFLATE_NO_FINAL
        AXE_DEFLATE_STREAM
        AXE_DEFLATE_RESTART

    cpdef enum:
        AXE_HASH_SHA1
        AXE_HASH_SHA224
        AXE_HASH_SHA256
        AXE_HASH_SHA384
        AXE_HASH_SHA512
        AXE_HASH_SHA3_224
        AXE_HASH_SHA3_256
        AXE_HASH_SHA3_384
        AXE_HASH_SHA3_512
        AXE_HASH_SM3
        AXE_HASH_BLAKE2B_160
        AXE_HASH_BLAKE2B_256
        AXE_HASH_BLAKE2B_384
        AXE_HASH_BLAKE2B_512
        AXE_HASH_MD5

    cpdef enum:
        AXE_HASH_STREAM
        AXE_HASH_RESTART
        AXE_HASH_FINAL

    cpdef enum:
        AXE_OK
        AXE_INFO_MORE
        AXE_ERR_OPCODE
        AXE_ERR_RESERVED
        AXE_ERR_PARAM
        AXE_ERR_OVERLAP
        AXE_ERR_STREAM
        AXE_ERR_LENGTH
        AXE_ERR_FULL
        AXE_ERR_KEY
        AXE_ERR_ACCESS
        AXE_ERR_RANGE
        AXE_ERR_FAULT
        AXE_ERR_GONE
        AXE_ERR_NO_KEY
        AXE_ERR_KEY_USE
        AXE_ERR_DATA
        AXE_ERR_TRUNCATED
        AXE_ERR_CHECKSUM
        AXE_ERR_DIF_GUARD
        AXE_ERR_DIF_APP
        AXE_ERR_DIF_REF
        AXE_ERR_AUTH
        AXE_ERR_NOMEM
        AXE_ERR_ENGINE
        AXE_ERR_FLUSHED
        AXE_ERR_LINKED

    cpdef enum:
        AXE_KEY_AES_CBC
        AXE_KEY_AES_CTR
        AXE_KEY_AES_XTS
        AXE_KEY_SM4_CBC
        AXE_KEY_SM4_CTR
        AXE_KEY_SM4_XTS
        AXE_KEY_AES_GCM
        AXE_KEY_AES_CCM
        AXE_KEY_CHACHA20_POLY1305
        AXE_KEY_ESP_AES_GCM_16
        AXE_KEY_ESP_AES_GCM_12
        AXE_KEY_ESP_AES_GCM_8
        AXE_KEY_ESP_CHACHA20_POLY1305
        AXE_KEY_HMAC_SHA1
        AXE_KEY_HMAC_SHA224
        AXE_KEY_HMAC_SHA256
        AXE_KEY_HMAC_SHA384
        AXE_KEY_HMAC_SHA512
        AXE_KEY_HMAC_SHA3_224
        AXE_KEY_HMAC_SHA3_256
        AXE_KEY_HMAC_SHA3_384
        AXE_KEY_HMAC_SHA3_512
        AXE_KEY_HMAC_SM3
        AXE_KEY_BLAKE2B_256
        AXE_KEY_BLAKE2B_512
        AXE_KEY_AES_CMAC
        AXE_KEY_RSA
        AXE_KEY_ECDSA_P256
        AXE_KEY_ECDSA_P384
        AXE_KEY_ECDH_P256
        AXE_KEY_ECDH_P384
        AXE_KEY_X25519

    cpdef enum:
        AXE_KEY_ENCRYPT
        AXE_KEY_DECRYPT
        AXE_KEY_SIGN
        AXE_KEY_VERIFY
        AXE_KEY_DERIVE

    cpdef enum:
        AXE_OP_READS_SRC
        AXE_OP_WRITES_DST
        AXE_OP_READS_DST
        AXE_OP_HAS_FORMATS
        AXE_OP_HAS_LEVELS
        AXE_OP_CAN_OVERLAP
        AXE_OP_CAN_STREAM

    cpdef enum:
        AXE_ENGINE_SOFTWARE
        AXE_ENGINE_ASYNC
