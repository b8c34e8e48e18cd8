using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // t[i], t[i, j], t[1.., ^1], t[TensorIndex.Ellipsis, 0], t[mask]; the setters write into the storage.
    public partial class Tensor
    {
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => index_put_(value, i1);
        }

        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => index_put_(value, i1, i2);
        }

        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        /// <summary>The part that the expression names: a view, or a copy where a tensor is among the indices.</summary>
        public Tensor index(params TensorIndex[] indices)
        {
            var (view, positions) = Locate(indices);
            if (positions is null)
            {
                return view;
            }
            using (view)
            {
                return Ops.index_Tensor.Call(view, Arg.OptTensors(positions));
            }
        }

        /// <summary>Overwrites the part that the expression names; the value broadcasts.</summary>
        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => Put(value, indices, accumulate: false);

        /// <summary>Overwrites the part that the expression names, or adds to it.</summary>
        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false) => Put(value, indices, accumulate);

        Tensor Put(Tensor value, TensorIndex[] indices, bool accumulate)
        {
            var (view, positions) = Locate(indices);
            using (view)
            {
                if (positions is not null)
                {
                    Ops.index_put_.Run(view, Arg.OptTensors(positions), value, accumulate);
                }
                else if (accumulate)
                {
                    view.add_(value);
                }
                else
                {
                    view.copy_(value);
                }
            }
            return this;
        }

        // Positions, ranges and new axes make a view; tensors are left for index and index_put_, one per axis of that view.
        (Tensor View, Tensor?[]? Positions) Locate(TensorIndex[] indices)
        {
            var named = indices.Sum(i => i.What switch
            {
                TensorIndex.Kind.Ellipsis or TensorIndex.Kind.None => 0,
                TensorIndex.Kind.Tensor when i.Positions!.dtype == ScalarType.Bool => (int)i.Positions.ndim,
                _ => 1,
            });
            if (named > ndim)
            {
                throw new ArgumentException($"{named} indices were given for a tensor of shape ({string.Join(", ", shape)}).", nameof(indices));
            }
            var view = alias();
            var axis = 0;
            List<Tensor?>? positions = null;
            foreach (var i in indices)
            {
                var next = view;
                switch (i.What)
                {
                    case TensorIndex.Kind.Single:
                        next = view.select(axis, i.First ?? throw new ArgumentException("A position is missing.", nameof(indices)));
                        break;
                    case TensorIndex.Kind.Slice:
                        next = Ops.slice_Tensor.Call(view, axis++, i.First, i.Stop, i.Step ?? 1);
                        break;
                    case TensorIndex.Kind.None:
                        next = view.unsqueeze(axis++);
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        axis += (int)ndim - named;
                        break;
                    default:
                        positions ??= [];
                        while (positions.Count < axis)
                        {
                            positions.Add(null);
                        }
                        positions.Add(i.Positions);
                        axis += i.Positions!.dtype == ScalarType.Bool ? (int)i.Positions.ndim : 1;
                        break;
                }
                if (next != view)
                {
                    view.Dispose();
                    view = next;
                }
            }
            return (view, positions?.ToArray());
        }
    }
}
