namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Initial weights, drawn in place outside the graph, in PyTorch's order from the default generator.</summary>
        public static class init
        {
            public static Tensor zeros_(Tensor tensor) => Quietly(tensor, t => t.zero_());

            public static Tensor ones_(Tensor tensor) => Quietly(tensor, t => t.fill_(1.0));

            public static Tensor constant_(Tensor tensor, Scalar val) => Quietly(tensor, t => t.fill_(val));

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1) => Quietly(tensor, t => t.uniform_(low, high));

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1) => Quietly(tensor, t => t.normal_(mean, std));

            /// <summary>Uniform within sqrt(6 / ((1 + a^2) fan_in)) (He et al., arXiv:1502.01852).</summary>
            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0)
            {
                var gain = Math.Sqrt(2.0 / (1 + (a * a)));
                var bound = Math.Sqrt(3.0) * (gain / Math.Sqrt(Fans(tensor).In));
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>Uniform within gain sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010).</summary>
            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
            {
                var (fanIn, fanOut) = Fans(tensor);
                var bound = Math.Sqrt(3.0) * (gain * Math.Sqrt(2.0 / (fanIn + fanOut)));
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>Normal with standard deviation gain sqrt(2 / (fan_in + fan_out)).</summary>
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0)
            {
                var (fanIn, fanOut) = Fans(tensor);
                return normal_(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)));
            }

            static (long In, long Out) Fans(Tensor tensor)
            {
                var s = tensor.shape;
                if (s.Length < 2)
                {
                    throw new ArgumentException($"A tensor of shape ({string.Join(", ", s)}) has no fan: expected at least 2 dimensions.", nameof(tensor));
                }
                var field = s.Skip(2).Aggregate(1L, (n, d) => n * d);
                return (s[1] * field, s[0] * field);
            }

            static Tensor Quietly(Tensor tensor, Action<Tensor> change)
            {
                using var none = no_grad();
                change(tensor);
                return tensor;
            }
        }
    }
}
