using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// A part of a network: parameters, buffers and modules under names. A derived class assigns its fields and calls
        /// <see cref="RegisterComponents"/> at the end of its constructor; the names are the fields' names.
        /// </summary>
        public abstract class Module : IDisposable
        {
            readonly string name;
            readonly List<(string Name, Parameter Value)> ownParameters = [];
            readonly List<(string Name, Tensor Value, bool Persistent)> ownBuffers = [];
            readonly List<(string Name, Module Value)> ownModules = [];
            bool registered;

            protected Module(string name) => this.name = name;

            /// <summary>Whether dropout and the like are active.</summary>
            public virtual bool training { get; private set; } = true;

            public virtual string GetName() => name;

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var (_, m) in ownModules)
                {
                    m.train(train);
                }
            }

            public virtual void eval() => train(false);

            /// <summary>Parameters with dotted names, in the order of registration, each once.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
                return Walk(recurse).SelectMany(at => at.Module.ownParameters.Where(p => seen.Add(p.Value)).Select(p => (at.Prefix + p.Name, p.Value)));
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                return Walk(recurse).SelectMany(at => at.Module.ownBuffers
                    .Where(b => (b.Persistent || include_nonpersistent) && seen.Add(b.Value)).Select(b => (at.Prefix + b.Name, b.Value)));
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

            public virtual IEnumerable<(string name, Module module)> named_children() => ownModules.Select(m => (m.Name, m.Value));

            public virtual IEnumerable<Module> children() => ownModules.Select(m => m.Value);

            public virtual IEnumerable<(string name, Module module)> named_modules() =>
                Walk(true).Where(at => at.Module != this).Select(at => (at.Prefix.TrimEnd('.'), at.Module));

            public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            /// <summary>Applies the action to all modules below and to this one.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var m in children())
                {
                    m.apply(fn);
                }
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var p in parameters())
                {
                    if (set_to_none)
                    {
                        p.grad = null;
                        continue;
                    }
                    using var g = p.grad;
                    g?.zero_();
                }
            }

            /// <summary>Parameters and persistent buffers by name: the tensors themselves, no copies.</summary>
            public virtual Dictionary<string, Tensor> state_dict()
            {
                var all = new Dictionary<string, Tensor>();
                foreach (var (key, p) in named_parameters())
                {
                    all.Add(key, p);
                }
                foreach (var (key, b) in named_buffers(include_nonpersistent: false))
                {
                    all.Add(key, b);
                }
                return all;
            }

            /// <summary>Copies values into parameters and buffers of the same names.</summary>
            /// <exception cref="InvalidOperationException">Names are missing or unknown and <paramref name="strict"/> is set.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var target = state_dict();
                var missing = target.Keys.Where(k => !source.ContainsKey(k) && skip?.Contains(k) != true).ToList();
                var unknown = source.Keys.Where(k => !target.ContainsKey(k) && skip?.Contains(k) != true).ToList();
                if (strict && missing.Count + unknown.Count > 0)
                {
                    throw new InvalidOperationException(
                        $"The weights do not fit {name}: missing [{string.Join(", ", missing)}], unknown [{string.Join(", ", unknown)}].");
                }
                using var none = no_grad();
                foreach (var (key, t) in target)
                {
                    if (source.TryGetValue(key, out var value) && skip?.Contains(key) != true)
                    {
                        t.copy_(value);
                    }
                }
                return (missing, unknown);
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                ArgumentNullException.ThrowIfNull(param);
                RequireFree(name);
                ownParameters.Add((name, param));
            }

            /// <summary>Keeps a tensor that is not trained; the module owns it from now on.</summary>
            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                ArgumentNullException.ThrowIfNull(tensor);
                RequireFree(name);
                ownBuffers.Add((name, tensor.DetachFromDisposeScope(), persistent));
            }

            public virtual void register_module(string name, Module submodule)
            {
                ArgumentNullException.ThrowIfNull(submodule);
                RequireFree(name);
                submodule.RegisterComponents();
                ownModules.Add((name, submodule));
            }

            public void add_module(string name, Module module) => register_module(name, module);

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Registers every field that holds a module, a parameter or a tensor under the field's name.</summary>
            protected internal virtual void RegisterComponents()
            {
                if (registered)
                {
                    return;
                }
                registered = true;
                foreach (var field in Fields(GetType()))
                {
                    if (IsTaken(field.Name))
                    {
                        continue;
                    }
                    switch (field.GetValue(this))
                    {
                        case Module m: register_module(field.Name, m); break;
                        case Parameter p: register_parameter(field.Name, p); break;
                        case Tensor t: register_buffer(field.Name, t); break;
                    }
                }
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                {
                    return;
                }
                foreach (var (_, m) in ownModules)
                {
                    m.Dispose();
                }
                foreach (var (_, p) in ownParameters)
                {
                    p.Dispose();
                }
                foreach (var (_, b, _) in ownBuffers)
                {
                    b.Dispose();
                }
            }

            /// <summary>Converts parameters and buffers in their place; integer buffers keep their type.</summary>
            internal void Convert(ScalarType? type, Device? device)
            {
                foreach (var at in Walk(true).ToList())
                {
                    at.Module.ownParameters.ForEach(p => p.Value.Convert(type, device));
                    at.Module.ownBuffers.ForEach(b => b.Value.ConvertInPlace(type, device));
                }
            }

            static IEnumerable<FieldInfo> Fields(Type type)
            {
                var levels = new Stack<Type>();
                for (var t = type; t is not null && t != typeof(Module); t = t.BaseType)
                {
                    levels.Push(t);
                }
                return levels.SelectMany(t => t.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));
            }

            IEnumerable<(string Prefix, Module Module)> Walk(bool recurse, string prefix = "")
            {
                yield return (prefix, this);
                if (recurse)
                {
                    foreach (var below in ownModules.SelectMany(m => m.Value.Walk(true, prefix + m.Name + ".")))
                    {
                        yield return below;
                    }
                }
            }

            bool IsTaken(string key) => ownModules.Any(m => m.Name == key) || ownParameters.Any(p => p.Name == key) || ownBuffers.Any(b => b.Name == key);

            void RequireFree(string key)
            {
                if (string.IsNullOrEmpty(key) || key.Contains('.', StringComparison.Ordinal))
                {
                    throw new ArgumentException($"'{key}' cannot name a part of {name}: a name is not empty and has no dot.");
                }
                if (IsTaken(key))
                {
                    throw new InvalidOperationException($"{name} already has a part named '{key}'.");
                }
            }
        }
    }
}
