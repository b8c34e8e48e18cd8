namespace TorchSharp;

public static partial class torch
{
    /// <summary>One part of an indexing expression: a position, a range with a step, a tensor, a new axis or "the axes between".</summary>
    public readonly struct TensorIndex
    {
        internal enum Kind
        {
            Single,
            Slice,
            Tensor,
            None,
            Ellipsis,
        }

        TensorIndex(Kind kind, long? first = null, long? stop = null, long? step = null, Tensor? tensor = null)
        {
            What = kind;
            First = first;
            Stop = stop;
            Step = step;
            Positions = tensor;
        }

        internal Kind What { get; }

        internal long? First { get; }

        internal long? Stop { get; }

        internal long? Step { get; }

        internal Tensor? Positions { get; }

        /// <summary>All axes that no other part names.</summary>
        public static TensorIndex Ellipsis { get; } = new(Kind.Ellipsis);

        /// <summary>A new axis of size 1.</summary>
        public static TensorIndex None { get; } = new(Kind.None);

        /// <summary>A whole axis.</summary>
        public static TensorIndex Colon { get; } = Slice();

        /// <summary>From start up to, not including, stop; negative counts from the end.</summary>
        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new(Kind.Slice, start, stop, step);

        public static TensorIndex Slice(Range range) => range;

        public static TensorIndex Single(long? index) => new(Kind.Single, index);

        /// <summary>Positions (integers) or a mask (Bool).</summary>
        public static TensorIndex Tensor(Tensor tensor) => new(Kind.Tensor, tensor: tensor);

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex(Tensor value) => Tensor(value);

        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

        public static implicit operator TensorIndex(Range range) => Slice(
            range.Start.IsFromEnd ? (range.Start.Value == 0 ? long.MaxValue : -range.Start.Value) : range.Start.Value,
            range.End.IsFromEnd ? (range.End.Value == 0 ? null : -range.End.Value) : range.End.Value);
    }
}
