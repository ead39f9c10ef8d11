//! Which instructions a step runs on.

use std::fmt;

#[cfg(target_arch = "x86_64")]
use super::avx2;
#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::block::{self, Cells, Products};
#[cfg(target_arch = "aarch64")]
use super::neon::Four;
use super::portable::Plain;

/// A set of instructions that this processor has. All give the same numbers to within the rounding of
/// f32 sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel(Instructions);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instructions {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Portable,
}

impl Kernel {
    /// The fastest set that this processor has.
    pub fn detect() -> Kernel {
        Kernel::available()[0]
    }

    /// Every set that this processor has, the fastest first.
    pub fn available() -> Vec<Kernel> {
        let mut kernels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            // The first processors with AVX-512 (Skylake) have no VNNI, and go by AVX2.
            let avx512 = std::arch::is_x86_feature_detected!("avx512f")
                && std::arch::is_x86_feature_detected!("avx512vnni");
            if avx512 {
                kernels.push(Kernel(Instructions::Avx512));
            }
            let avx2 =
                std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma");
            if avx2 && std::arch::is_x86_feature_detected!("f16c") {
                kernels.push(Kernel(Instructions::Avx2));
            }
        }
        #[cfg(target_arch = "aarch64")]
        kernels.push(Kernel(Instructions::Neon));
        kernels.push(Kernel(Instructions::Portable));
        kernels
    }

    pub(super) fn cells(self, pass: Cells<'_>) {
        match self.0 {
            // SAFETY: such a kernel is made only where the processor has its features.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { avx512::run_cells(pass) },
            // SAFETY: such a kernel is made only where the processor has its features.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { avx2::run_cells(pass) },
            // SAFETY: NEON is part of the architecture.
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon => unsafe { block::cells::<Four>(pass) },
            // SAFETY: `Plain` needs no features.
            Instructions::Portable => unsafe { block::cells::<Plain>(pass) },
        }
    }

    pub(super) fn products(self, pass: Products<'_>) {
        match self.0 {
            // SAFETY: such a kernel is made only where the processor has its features.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => unsafe { avx512::run_products(pass) },
            // SAFETY: such a kernel is made only where the processor has its features.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { avx2::run_products(pass) },
            // SAFETY: NEON is part of the architecture.
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon => unsafe { block::products::<Four>(pass) },
            // SAFETY: `Plain` needs no features.
            Instructions::Portable => unsafe { block::products::<Plain>(pass) },
        }
    }
}

/// `AVX-512`, `AVX2`, `NEON` or `portable`.
impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => "AVX-512",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => "AVX2",
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon => "NEON",
            Instructions::Portable => "portable",
        })
    }
}
