using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101), over lists of tensors at once and in the order of PyTorch's
/// foreach implementation of the same version, so that the weights are bit-identical to it (shown for 1.13 and 2.6).
/// </summary>
public sealed class AdamW : optim.Optimizer
{
    readonly List<ParamGroup> groups;
    readonly Dictionary<Parameter, State> states = new(ReferenceEqualityComparer.Instance);

    public AdamW(IEnumerable<ParamGroup> parameters)
    {
        groups = [.. parameters];
        foreach (var p in groups.SelectMany(g => g.Parameters))
        {
            if (!states.TryAdd(p, new State(p)))
            {
                throw new ArgumentException("A parameter is in two groups, or twice in one.", nameof(parameters));
            }
        }
    }

    public override IEnumerable<optim.ILearningRateController> ParamGroups => groups;

    public override IEnumerable<Parameter> parameters() => groups.SelectMany(g => g.Parameters);

    /// <summary>The state per parameter, in the order of <see cref="parameters"/>: live, so that a checkpoint reads and writes it in place.</summary>
    public StateDictionary state_dict() => new([.. parameters().Select(p => states[p])]);

    /// <summary>Copies a state in; the parameters must be in the same order and of the same shapes.</summary>
    public void load_state_dict(StateDictionary state_dict)
    {
        var own = parameters().Select(p => states[p]).ToList();
        if (own.Count != state_dict.State.Count)
        {
            throw new ArgumentException($"The state is of {state_dict.State.Count} parameters, the optimizer has {own.Count}.", nameof(state_dict));
        }
        using var none = no_grad();
        foreach (var (mine, its) in own.Zip(state_dict.State))
        {
            mine.step = its.step;
            mine.exp_avg.copy_(its.exp_avg);
            mine.exp_avg_sq.copy_(its.exp_avg_sq);
        }
    }

    public override void step()
    {
        using var none = no_grad();
        foreach (var group in groups)
        {
            using var scope = NewDisposeScope();
            Update(group);
        }
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var s in states.Values)
        {
            s.Dispose();
        }
    }

    void Update(ParamGroup group)
    {
        var grads = new List<Tensor>();
        var trained = new List<Parameter>();
        foreach (var p in group.Parameters)
        {
            if (p.grad is { } g)
            {
                grads.Add(g);
                trained.Add(p);
            }
        }
        if (trained.Count == 0)
        {
            return;
        }
        var own = trained.ConvertAll(p => states[p]);
        own.ForEach(s => s.FollowParameter());
        Tensor[] weights = [.. trained], gradients = [.. grads], averages = [.. own.Select(s => s.exp_avg)], squares = [.. own.Select(s => s.exp_avg_sq)];
        own.ForEach(s => s.step++);

        double[] steps = [.. own.Select(s => group.LearningRate / (1 - Math.Pow(group.Beta1, s.step)) * -1)];
        double[] corrections = [.. own.Select(s => Math.Sqrt(1 - Math.Pow(group.Beta2, s.step)))];
        // One pass over memory has the bits of 1.13's order.
        if (!Ops._foreach_lerp__Scalar.Exists && FusedAdamW.Fits(weights) && FusedAdamW.Fits(gradients))
        {
            FusedAdamW.Step(
                weights, gradients, averages, squares, 1 - (group.LearningRate * group.WeightDecay), group.Beta1, group.Beta2, group.Epsilon, steps, corrections);
            return;
        }

        Ops._foreach_mul__Scalar.Run(weights, (Scalar)(1 - (group.LearningRate * group.WeightDecay)));
        if (Ops._foreach_lerp__Scalar.Exists)
        {
            // PyTorch 2's order; its bits differ from those of the two lines below.
            Ops._foreach_lerp__Scalar.Run(averages, gradients, (Scalar)(1 - group.Beta1));
        }
        else
        {
            Ops._foreach_mul__Scalar.Run(averages, (Scalar)group.Beta1);
            Ops._foreach_add__List.Run(averages, gradients, (Scalar)(1 - group.Beta1));
        }
        Ops._foreach_mul__Scalar.Run(squares, (Scalar)group.Beta2);
        Ops._foreach_addcmul__Scalar.Run(squares, gradients, gradients, (Scalar)(1 - group.Beta2));

        var roots = Ops._foreach_sqrt.CallList(squares);
        Ops._foreach_div__ScalarList.Run(roots, Arg.Scalars(corrections));
        var denominators = Ops._foreach_add_Scalar.CallList(roots, (Scalar)group.Epsilon);
        Ops._foreach_addcdiv__ScalarList.Run(weights, averages, denominators, Arg.Scalars(steps));
    }

    /// <summary>The parameters of one rate and decay.</summary>
    public sealed class ParamGroup : optim.ILearningRateController
    {
        public ParamGroup(
            IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(lr);
            ArgumentOutOfRangeException.ThrowIfNegative(eps);
            ArgumentOutOfRangeException.ThrowIfNegative(weight_decay);
            ArgumentOutOfRangeException.ThrowIfNegative(beta1);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta1, 1.0);
            ArgumentOutOfRangeException.ThrowIfNegative(beta2);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(beta2, 1.0);
            Parameters = [.. parameters];
            (LearningRate, InitialLearningRate, Beta1, Beta2, Epsilon, WeightDecay) = (lr, lr, beta1, beta2, eps, weight_decay);
        }

        public IReadOnlyList<Parameter> Parameters { get; }

        public double LearningRate { get; set; }

        public double InitialLearningRate { get; set; }

        internal double Beta1 { get; }

        internal double Beta2 { get; }

        internal double Epsilon { get; }

        internal double WeightDecay { get; }
    }

    /// <summary>What AdamW remembers of one parameter.</summary>
    public sealed class State : IDisposable
    {
        readonly Parameter parameter;

        internal State(Parameter parameter)
        {
            this.parameter = parameter;
            exp_avg = zeros_like(parameter).DetachFromDisposeScope();
            exp_avg_sq = zeros_like(parameter).DetachFromDisposeScope();
        }

        /// <summary>Updates so far.</summary>
        public long step { get; set; }

        /// <summary>The running mean of the gradient, in the parameter's shape.</summary>
        public Tensor exp_avg { get; private set; }

        /// <summary>The running mean of the gradient's square.</summary>
        public Tensor exp_avg_sq { get; private set; }

        public void Dispose()
        {
            exp_avg.Dispose();
            exp_avg_sq.Dispose();
        }

        /// <summary>Moves the state to where its parameter has been moved.</summary>
        internal void FollowParameter()
        {
            if (exp_avg.dtype != parameter.dtype || !exp_avg.device.Equals(parameter.device))
            {
                exp_avg = exp_avg.to(parameter.dtype, parameter.device, disposeAfter: true).DetachFromDisposeScope();
                exp_avg_sq = exp_avg_sq.to(parameter.dtype, parameter.device, disposeAfter: true).DetachFromDisposeScope();
            }
        }
    }

    /// <summary>The state of all parameters.</summary>
    public sealed record StateDictionary(IReadOnlyList<State> State);
}
