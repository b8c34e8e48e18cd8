// Operators by schema name, called through the boxed dispatcher: autograd, autocast and the random stream behave as in PyTorch itself.
#include "guard.h"
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>
#include <cstdlib>
#include <sstream>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

// c10::optional until some 2.x, std::optional since: whichever this libtorch gives defaults in.
using Default = std::decay_t<decltype(std::declval<const c10::Argument&>().default_value())>;
template <typename T, typename Other> struct Rebind;
template <typename T, template <typename...> class Optional, typename U> struct Rebind<T, Optional<U>> { using type = Optional<T>; };
template <typename T> using optional_t = typename Rebind<T, Default>::type;

// What an argument's value must be turned into; IValue is strict (an int is no float), the schema says which.
enum class Kind { Other, Float, Number, IntList, FloatList, TensorList, OptTensorList };

struct Op {
  c10::OperatorHandle handle;
  std::vector<Kind> kinds;
  std::vector<Default> defaults;
  std::string schema;
};

Kind kind_of(c10::TypePtr type) {
  if (auto inner = type->cast<c10::OptionalType>()) return kind_of(inner->getElementType());
  switch (type->kind()) {
    case c10::TypeKind::FloatType: return Kind::Float;
    case c10::TypeKind::NumberType: return Kind::Number;
    case c10::TypeKind::ListType: {
      auto element = type->expectRef<c10::ListType>().getElementType();
      if (element->kind() == c10::TypeKind::OptionalType) return Kind::OptTensorList;
      if (element->kind() == c10::TypeKind::TensorType) return Kind::TensorList;
      if (element->kind() == c10::TypeKind::FloatType) return Kind::FloatList;
      if (element->kind() == c10::TypeKind::IntType || element->kind() == c10::TypeKind::SymIntType) return Kind::IntList;
      return Kind::Other;
    }
    default: return Kind::Other;
  }
}

at::Scalar scalar(const ts_val& v) {
  switch (v.tag) {
    case TS_INT: return at::Scalar(v.i);
    case TS_DOUBLE: return at::Scalar(v.d);
    case TS_BOOL: return at::Scalar(v.i != 0);
    default: TORCH_CHECK(false, "a list of scalars holds a value that is no number (tag ", v.tag, ")");
  }
}

c10::IValue to_ivalue(const ts_val& v, Kind kind) {
  switch (v.tag) {
    case TS_NONE: return c10::IValue();
    case TS_TENSOR: return v.p ? c10::IValue(ts::tensor(v.p)) : c10::IValue();
    case TS_INT:
      if (kind == Kind::Float) return c10::IValue(static_cast<double>(v.i));
      if (kind == Kind::IntList) return c10::IValue(c10::List<int64_t>({v.i}));
      return c10::IValue(v.i);
    case TS_DOUBLE: return c10::IValue(v.d);
    case TS_BOOL: return c10::IValue(v.i != 0);
    case TS_STRING: return c10::IValue(std::string(static_cast<const char*>(v.p), v.n));
    case TS_DEVICE: return c10::IValue(c10::Device(static_cast<c10::DeviceType>(v.n), static_cast<c10::DeviceIndex>(v.i)));
    case TS_INTS: {
      auto p = static_cast<const int64_t*>(v.p);
      if (kind == Kind::FloatList) {
        c10::List<double> list;
        for (int k = 0; k < v.n; k++) list.push_back(static_cast<double>(p[k]));
        return c10::IValue(std::move(list));
      }
      c10::List<int64_t> list;
      list.reserve(v.n);
      for (int k = 0; k < v.n; k++) list.push_back(p[k]);
      return c10::IValue(std::move(list));
    }
    case TS_DOUBLES: {
      c10::List<double> list;
      for (int k = 0; k < v.n; k++) list.push_back(static_cast<const double*>(v.p)[k]);
      return c10::IValue(std::move(list));
    }
    case TS_BOOLS: {
      c10::List<bool> list;
      for (int k = 0; k < v.n; k++) list.push_back(static_cast<const uint8_t*>(v.p)[k] != 0);
      return c10::IValue(std::move(list));
    }
    case TS_TENSORS:
    case TS_OPT_TENSORS: {
      auto p = static_cast<H const*>(v.p);
      if (kind == Kind::OptTensorList) {
        c10::List<optional_t<at::Tensor>> list;
        list.reserve(v.n);
        for (int k = 0; k < v.n; k++) list.push_back(p[k] ? optional_t<at::Tensor>(ts::tensor(p[k])) : optional_t<at::Tensor>());
        return c10::IValue(std::move(list));
      }
      c10::List<at::Tensor> list;
      list.reserve(v.n);
      for (int k = 0; k < v.n; k++) list.push_back(p[k] ? ts::tensor(p[k]) : at::Tensor());
      return c10::IValue(std::move(list));
    }
    case TS_SCALARS: {
      // IValue has no list of Scalar: the dispatcher unboxes a generic list of numbers.
      c10::impl::GenericList list(c10::NumberType::get());
      for (int k = 0; k < v.n; k++) list.push_back(c10::IValue(scalar(static_cast<const ts_val*>(v.p)[k])));
      return c10::IValue(std::move(list));
    }
    default: TORCH_CHECK(false, "an argument has the unknown tag ", v.tag);
  }
}

ts_val from_ivalue(c10::IValue&& v) {
  ts_val r{};
  if (v.isTensor()) {
    r.tag = TS_TENSOR;
    r.p = ts::give(std::move(v).toTensor());
    if (!r.p) r.tag = TS_NONE;
  } else if (v.isTensorList()) {
    auto list = std::move(v).toTensorVector();
    auto handles = static_cast<H*>(std::malloc(sizeof(H) * (list.empty() ? 1 : list.size())));
    TORCH_CHECK(handles, "out of memory");
    for (size_t k = 0; k < list.size(); k++) handles[k] = ts::give(std::move(list[k]));
    r.tag = TS_TENSORS;
    r.n = static_cast<int32_t>(list.size());
    r.p = handles;
  } else if (v.isBool()) {
    r.tag = TS_BOOL;
    r.i = v.toBool();
  } else if (v.isDouble()) {
    r.tag = TS_DOUBLE;
    r.d = v.toDouble();
  } else if (v.isInt()) {
    r.tag = TS_INT;
    r.i = v.toInt();
  } else if (v.isNone()) {
    r.tag = TS_NONE;
  } else {
    TORCH_CHECK(false, "the operator returned a value of a kind that is not bound: ", v.tagKind());
  }
  return r;
}

}  // namespace

TS_API int ts_op_find(const char* name, const char* overload, void** op) {
  return ts::guarded([&] {
    auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    *op = nullptr;
    if (!found.has_value()) return;
    auto made = new Op{*found, {}, {}, {}};
    const auto& schema = made->handle.schema();
    for (const auto& a : schema.arguments()) {
      made->kinds.push_back(kind_of(a.type()));
      made->defaults.emplace_back(a.default_value());
    }
    std::ostringstream text;
    text << schema;
    made->schema = text.str();
    *op = made;
  });
}

TS_API const char* ts_op_schema(void* op) { return static_cast<Op*>(op)->schema.c_str(); }

TS_API int ts_call(void* handle, const ts_val* args, int n, ts_val* rets, int* nrets) {
  return ts::guarded([&] {
    auto& op = *static_cast<Op*>(handle);
    TORCH_CHECK(n <= static_cast<int>(op.kinds.size()), op.schema, ": ", n, " arguments were given");
    ts::follow_threads();
    torch::jit::Stack stack;
    stack.reserve(op.kinds.size());
    for (int k = 0; k < static_cast<int>(op.kinds.size()); k++) {
      if (k < n && args[k].tag != TS_DEFAULT) {
        stack.push_back(to_ivalue(args[k], op.kinds[k]));
      } else {
        TORCH_CHECK(op.defaults[k].has_value(), op.schema, ": argument ", k, " is required");
        stack.push_back(*op.defaults[k]);
      }
    }
    op.handle.callBoxed(stack);
    TORCH_CHECK(static_cast<int>(stack.size()) <= *nrets, op.schema, ": ", stack.size(), " values were returned");
    *nrets = static_cast<int>(stack.size());
    for (size_t k = 0; k < stack.size(); k++) rets[k] = from_ivalue(std::move(stack[k]));
  });
}

TS_API void ts_free(void* p) { std::free(p); }
