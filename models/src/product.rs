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
    }
}
