//! Matrix products on plain slices, for networks whose gradients are written by hand.

/// A matrix somewhere in a slice: element `(row, column)` is
/// `data[row · row_stride + column · column_stride]`.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// `rows` by `columns`, row after row, each row `stride` after the one before.
    ///
    /// # Panics
    /// When `data` is too short for that.
    pub fn new(data: &'a [f32], rows: usize, columns: usize, stride: usize) -> Matrix<'a> {
        assert!(
            rows == 0 || columns == 0 || data.len() >= (rows - 1) * stride + columns,
            "{rows} rows of {columns} in {} numbers",
            data.len()
        );
        Matrix { data, rows, columns, row_stride: stride, column_stride: 1 }
    }

    /// The same numbers, rows as columns.
    pub fn transposed(self) -> Matrix<'a> {
        Matrix {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

/// `out = a · b`, or with `add` `out += a · b`; `out` is row after row, each `stride` after the one
/// before.
///
/// # Panics
/// When the shapes do not fit together: a defect of the caller.
pub fn multiply(out: &mut [f32], stride: usize, a: Matrix<'_>, b: Matrix<'_>, add: bool) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    assert_eq!(k, b.rows, "multiply: the inner lengths differ");
    if m == 0 || n == 0 {
        return;
    }
    assert!(out.len() >= (m - 1) * stride + n, "multiply: the result is too short");
    // The transposed product, since the kernel likes its result column by column.
    // SAFETY: `Matrix::new` and the lengths above hold every index that these strides reach, and
    // `out` is borrowed alone.
    unsafe {
        gemm::gemm(
            n,
            m,
            k,
            out.as_mut_ptr(),
            stride as isize,
            1,
            add,
            b.data.as_ptr(),
            b.row_stride as isize,
            b.column_stride as isize,
            a.data.as_ptr(),
            a.row_stride as isize,
            a.column_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// `out += x · b` for one row `x`, where `b` lies row after row: its time is that of reading `b`.
///
/// # Panics
/// When the shapes do not fit together: a defect of the caller.
pub fn add_row(out: &mut [f32], x: &[f32], b: Matrix<'_>) {
    assert!(x.len() == b.rows && out.len() == b.columns && b.column_stride == 1, "add_row: shapes differ");
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
        // SAFETY: the processor has the features that the function names.
        return unsafe { row_fused(out, x, b) };
    }
    row_any(out, x, b);
}

/// [`row_any`] in vectors: without these features each [`f32::mul_add`] is a call.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn row_fused(out: &mut [f32], x: &[f32], b: Matrix<'_>) {
    row_any(out, x, b);
}

#[inline(always)]
fn row_any(out: &mut [f32], x: &[f32], b: Matrix<'_>) {
    let n = out.len();
    let of = |row: usize| &b.data[row * b.row_stride..][..n];
    let (fours, rest) = x.as_chunks::<4>();
    for (block, &[x0, x1, x2, x3]) in fours.iter().enumerate() {
        let [b0, b1, b2, b3] = [0, 1, 2, 3].map(|row| of(4 * block + row));
        for at in 0..n {
            let sum = x0.mul_add(b0[at], x1.mul_add(b1[at], out[at]));
            out[at] = x2.mul_add(b2[at], x3.mul_add(b3[at], sum));
        }
    }
    for (at, &x) in rest.iter().enumerate() {
        out.iter_mut().zip(of(4 * fours.len() + at)).for_each(|(sum, b)| *sum = x.mul_add(*b, *sum));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_by_hand() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let b = [1.0, 0.0, 2.0, 1.0, 0.0, 3.0];
        let mut out = [0.0; 4];
        // [1 2 3; 4 5 6] · [1 0; 2 1; 0 3]
        multiply(&mut out, 2, Matrix::new(&a, 2, 3, 3), Matrix::new(&b, 3, 2, 2), false);
        assert_eq!(out, [5.0, 11.0, 14.0, 23.0]);
        // The first column of `a`, beside itself, as one row, plus what is there.
        let column = Matrix::new(&a, 2, 1, 3).transposed();
        multiply(&mut out, 2, column, Matrix::new(&b, 2, 2, 2), true);
        assert_eq!(out, [14.0, 15.0, 14.0, 23.0]);
        // One row of six numbers, on top of what is there: 1·1 + 2·2 + … in the first column.
        let c = [1.0, 0.0, 2.0, 1.0, 3.0, 0.0, 4.0, 1.0, 5.0, 0.0, 6.0, 1.0];
        add_row(&mut out[..2], &a, Matrix::new(&c, 6, 2, 2));
        assert_eq!(out, [14.0 + 91.0, 15.0 + 12.0, 14.0, 23.0]);
    }
}
