using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Optimizers.</summary>
    public static partial class optim
    {
        /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101).</summary>
        public static AdamW AdamW(
            IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0) =>
            new([new AdamW.ParamGroup(parameters, lr, beta1, beta2, eps, weight_decay)]);

        /// <summary>AdamW over groups of parameters, each with its own rate and decay.</summary>
        public static AdamW AdamW(IEnumerable<AdamW.ParamGroup> parameters) => new(parameters);

        /// <summary>Changes parameters along their gradients.</summary>
        public abstract class Optimizer : IDisposable
        {
            /// <summary>The groups of parameters; a schedule sets their rates.</summary>
            public abstract IEnumerable<ILearningRateController> ParamGroups { get; }

            public abstract IEnumerable<Parameter> parameters();

            /// <summary>One update of all parameters that have a gradient.</summary>
            public abstract void step();

            /// <summary>Lets all gradients go.</summary>
            public virtual void zero_grad()
            {
                foreach (var p in parameters())
                {
                    p.grad = null;
                }
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected abstract void Dispose(bool disposing);
        }

        /// <summary>Something whose learning rate a schedule sets.</summary>
        public interface ILearningRateController
        {
            double LearningRate { get; set; }

            double InitialLearningRate { get; set; }
        }
    }
}
