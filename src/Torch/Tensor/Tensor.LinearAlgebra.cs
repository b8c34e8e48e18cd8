using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Products.
    public partial class Tensor
    {
        /// <summary>The product of vectors, matrices or batches of matrices, by PyTorch's broadcasting rule.</summary>
        public Tensor matmul(Tensor target) => Ops.matmul.Call(this, target);

        /// <summary>(N, K) x (K, M) -> (N, M)</summary>
        public Tensor mm(Tensor target) => Ops.mm.Call(this, target);

        /// <summary>(B, N, K) x (B, K, M) -> (B, N, M)</summary>
        public Tensor bmm(Tensor batch2) => Ops.bmm.Call(this, batch2);

        /// <summary>(N, K) x (K) -> (N)</summary>
        public Tensor mv(Tensor target) => Ops.mv.Call(this, target);

        /// <summary>The sum of products of two vectors.</summary>
        public Tensor dot(Tensor target) => Ops.dot.Call(this, target);

        /// <summary>beta * this + alpha * (mat1 x mat2)</summary>
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Ops.addmm.Call(this, mat1, mat2, (Scalar)beta, (Scalar)alpha);

        /// <summary>beta * this + alpha * (batch1 x batch2)</summary>
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Ops.baddbmm.Call(this, batch1, batch2, (Scalar)beta, (Scalar)alpha);

        /// <summary>The p-norm of all elements.</summary>
        public Tensor norm(float p = 2.0f) => Ops.norm_Scalar.Call(this, (Scalar)p);

        /// <summary>The p-norm along one dimension.</summary>
        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) => Ops.norm_ScalarOpt_dim.Call(this, (Scalar)p, new long[] { dim }, keepdim);
    }
}
